// A Bernoulli's log likelihood Σ x·l − log(1 + e^l), a workgroup for each row of pixels.

struct Images {
    pixels: u32,
    // Distances in memory between neighbours of a column, and of a row.
    x_row: u32,
    x_column: u32,
    logits_row: u32,
    logits_column: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read_write> sums: array<f32>;
// x − σ(l)
@group(0) @binding(3) var<storage, read_write> by_logits: array<f32>;
@group(0) @binding(4) var<uniform> images: Images;

var<workgroup> parts: array<f32, 32>;

@compute @workgroup_size(32)
fn bernoulli(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) first: u32,
) {
    let row = group.y * groups.x + group.x;
    if row >= arrayLength(&sums) {
        return;
    }
    var sum = 0.0;
    for (var column = first; column < images.pixels; column += 32u) {
        let pixel = x[row * images.x_row + column * images.x_column];
        let l = logits[row * images.logits_row + column * images.logits_column];
        let e = exp(-abs(l));
        let larger = 1.0 / (1.0 + e); // σ(|l|)
        // log(1 + e^l) = max(l, 0) + log(1 + e^−|l|)
        sum += pixel * l - max(l, 0.0) - log(1.0 + e);
        by_logits[row * images.pixels + column] = pixel - select(larger, e * larger, l < 0.0);
    }
    parts[first] = sum;
    workgroupBarrier();
    if first == 0u {
        var total = 0.0;
        for (var part = 0u; part < 32u; part++) {
            total += parts[part];
        }
        sums[row] = total;
    }
}
