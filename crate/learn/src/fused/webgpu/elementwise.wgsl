// Operations over matrices of one shape whose inputs may lie in memory in any order; what they write has no gaps.

struct Inputs {
    count: u32,
    columns: u32,
    // Distances in memory between neighbours of a column, and of a row, of each input.
    a_row: u32,
    a_column: u32,
    b_row: u32,
    b_column: u32,
    c_row: u32,
    c_column: u32,
}

// A line of workgroups may hold 65,535: more lie in further lines.
fn place(id: vec3u, groups: vec3u) -> u32 {
    return id.y * groups.x * 64u + id.x;
}

@group(0) @binding(0) var<storage, read> sample_mu: array<f32>;
@group(0) @binding(1) var<storage, read> sample_log_var: array<f32>;
@group(0) @binding(2) var<storage, read> sample_eps: array<f32>;
@group(0) @binding(3) var<storage, read_write> z: array<f32>;
@group(0) @binding(4) var<storage, read_write> z_by_log_var: array<f32>;
@group(0) @binding(5) var<storage, read_write> z_by_eps: array<f32>;
@group(0) @binding(6) var<uniform> sample_inputs: Inputs;

// z = μ + exp(½ log σ²)·ε
@compute @workgroup_size(64)
fn gaussian_sample(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let inputs = sample_inputs;
    let at = place(id, groups);
    if at >= inputs.count {
        return;
    }
    let row = at / inputs.columns;
    let column = at % inputs.columns;
    let sigma = exp(0.5 * sample_log_var[row * inputs.b_row + column * inputs.b_column]);
    let shift = sigma * sample_eps[row * inputs.c_row + column * inputs.c_column];
    z[at] = sample_mu[row * inputs.a_row + column * inputs.a_column] + shift;
    z_by_log_var[at] = 0.5 * shift;
    z_by_eps[at] = sigma;
}

@group(0) @binding(0) var<storage, read> kl_mu: array<f32>;
@group(0) @binding(1) var<storage, read> kl_log_var: array<f32>;
@group(0) @binding(2) var<storage, read_write> kl: array<f32>;
@group(0) @binding(3) var<storage, read_write> kl_by_log_var: array<f32>;
@group(0) @binding(4) var<uniform> kl_inputs: Inputs;

// ½ (μ² + σ² − log σ² − 1)
@compute @workgroup_size(64)
fn gaussian_kl(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let inputs = kl_inputs;
    let at = place(id, groups);
    if at >= inputs.count {
        return;
    }
    let row = at / inputs.columns;
    let column = at % inputs.columns;
    let mu = kl_mu[row * inputs.a_row + column * inputs.a_column];
    let log_var = kl_log_var[row * inputs.b_row + column * inputs.b_column];
    let variance = exp(log_var);
    kl[at] = 0.5 * (mu * mu + variance - log_var - 1.0);
    kl_by_log_var[at] = 0.5 * (variance - 1.0);
}

@group(0) @binding(0) var<storage, read> slopes: array<f32>;
@group(0) @binding(1) var<storage, read> arrived: array<f32>;
@group(0) @binding(2) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(3) var<uniform> scaled_inputs: Inputs;

// Slopes times a gradient; where it has one number for each row, or one in all, its distance to the next is 0.
@compute @workgroup_size(64)
fn scaled(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let inputs = scaled_inputs;
    let at = place(id, groups);
    if at >= inputs.count {
        return;
    }
    let row = at / inputs.columns;
    let column = at % inputs.columns;
    gradient[at] = slopes[row * inputs.a_row + column * inputs.a_column] * arrived[row * inputs.b_row + column * inputs.b_column];
}

@group(0) @binding(0) var<storage, read> first_slopes: array<f32>;
@group(0) @binding(1) var<storage, read> pair_arrived: array<f32>;
@group(0) @binding(2) var<storage, read> second_slopes: array<f32>;
@group(0) @binding(3) var<storage, read_write> first_gradient: array<f32>;
@group(0) @binding(4) var<storage, read_write> second_gradient: array<f32>;
@group(0) @binding(5) var<uniform> pair_inputs: Inputs;

// The same for two.
@compute @workgroup_size(64)
fn scaled_pair(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let inputs = pair_inputs;
    let at = place(id, groups);
    if at >= inputs.count {
        return;
    }
    let row = at / inputs.columns;
    let column = at % inputs.columns;
    let factor = pair_arrived[row * inputs.b_row + column * inputs.b_column];
    first_gradient[at] = first_slopes[row * inputs.a_row + column * inputs.a_column] * factor;
    second_gradient[at] = second_slopes[row * inputs.c_row + column * inputs.c_column] * factor;
}

@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read_write> probabilities: array<f32>;
@group(0) @binding(2) var<uniform> sigmoid_inputs: Inputs;

@compute @workgroup_size(64)
fn sigmoid(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let inputs = sigmoid_inputs;
    let at = place(id, groups);
    if at >= inputs.count {
        return;
    }
    let l = logits[at / inputs.columns * inputs.a_row + at % inputs.columns * inputs.a_column];
    let e = exp(-abs(l));
    probabilities[at] = select(1.0, e, l < 0.0) / (1.0 + e);
}

struct Columns {
    count: u32,
    // 0 where there are no sums yet.
    begun: u32,
}

@group(0) @binding(0) var<storage, read> first_column: array<f32>;
@group(0) @binding(1) var<storage, read> second_column: array<f32>;
@group(0) @binding(2) var<storage, read> sums: array<f32>;
@group(0) @binding(3) var<storage, read_write> added: array<f32>;
@group(0) @binding(4) var<uniform> columns: Columns;

var<workgroup> parts: array<vec2f, 32>;

// Two sums, and to them the means of two columns.
@compute @workgroup_size(32)
fn add_means(@builtin(local_invocation_index) first: u32) {
    var part = vec2f();
    for (var at = first; at < columns.count; at += 32u) {
        part += vec2f(first_column[at], second_column[at]);
    }
    parts[first] = part;
    workgroupBarrier();
    if first == 0u {
        var total = vec2f();
        for (var at = 0u; at < 32u; at++) {
            total += parts[at];
        }
        total /= f32(columns.count);
        if columns.begun == 1u {
            total += vec2f(sums[0], sums[1]);
        }
        added[0] = total.x;
        added[1] = total.y;
    }
}

struct Adam {
    rate: f32,
    epsilon: f32,
    beta_1: f32,
    beta_2: f32,
}

@group(0) @binding(0) var<storage, read> old: array<f32>;
@group(0) @binding(1) var<storage, read> by_old: array<f32>;
@group(0) @binding(2) var<storage, read_write> updated: array<f32>;
@group(0) @binding(3) var<storage, read_write> m: array<f32>;
@group(0) @binding(4) var<storage, read_write> v: array<f32>;
@group(0) @binding(5) var<uniform> adam_step: Adam;

// m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²,  θ ← θ − rate · m / (√v + ε)
@compute @workgroup_size(64)
fn adam(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let at = place(id, groups);
    if at >= arrayLength(&old) {
        return;
    }
    let g = by_old[at];
    let first = m[at] * adam_step.beta_1 + g * (1.0 - adam_step.beta_1);
    let second = v[at] * adam_step.beta_2 + g * g * (1.0 - adam_step.beta_2);
    m[at] = first;
    v[at] = second;
    updated[at] = old[at] - adam_step.rate * first / (sqrt(second) + adam_step.epsilon);
}

@group(0) @binding(0) var<storage, read> quad_old: array<vec4f>;
@group(0) @binding(1) var<storage, read> quad_by_old: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> quad_updated: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> quad_m: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> quad_v: array<vec4f>;
@group(0) @binding(5) var<uniform> quad_adam_step: Adam;

// The same, four numbers an access.
@compute @workgroup_size(64)
fn adam_quads(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let at = place(id, groups);
    if at >= arrayLength(&quad_old) {
        return;
    }
    let g = quad_by_old[at];
    let first = quad_m[at] * quad_adam_step.beta_1 + g * (1.0 - quad_adam_step.beta_1);
    let second = quad_v[at] * quad_adam_step.beta_2 + g * g * (1.0 - quad_adam_step.beta_2);
    quad_m[at] = first;
    quad_v[at] = second;
    quad_updated[at] = quad_old[at] - quad_adam_step.rate * first / (sqrt(second) + quad_adam_step.epsilon);
}

@group(0) @binding(0) var<storage, read> quad_slopes: array<vec4f>;
@group(0) @binding(1) var<storage, read> quad_arrived: array<f32>;
@group(0) @binding(2) var<storage, read_write> quad_gradient: array<vec4f>;
// Its numbers count quads.
@group(0) @binding(3) var<uniform> quad_scaled_inputs: Inputs;

// Slopes times a gradient that is the same along each row, four numbers an access.
@compute @workgroup_size(64)
fn scaled_quads(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let inputs = quad_scaled_inputs;
    let at = place(id, groups);
    if at >= inputs.count {
        return;
    }
    quad_gradient[at] = quad_slopes[at] * quad_arrived[at / inputs.columns * inputs.b_row];
}
