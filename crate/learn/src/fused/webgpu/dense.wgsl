// A dense layer y = a(x·W + b) and its gradients. RELU, in front of this text, says whether a is one; it is not asked in a loop.
// Each invocation keeps a tile of 4×4 sums in registers; there is no shared memory to wait for. What lies behind an edge is read as the
// last number before it, and not written.

struct Layer {
    batch: u32,
    inputs: u32,
    outputs: u32,
    // Distances in memory between neighbours of a column, and of a row.
    x_row: u32,
    x_column: u32,
    weight_row: u32,
    weight_column: u32,
    dy_row: u32,
    dy_column: u32,
}

// Four neighbouring places from `first` on, at most `last`.
fn places(first: u32, last: u32) -> vec4u {
    return min(vec4u(first, first + 1u, first + 2u, first + 3u), vec4u(last));
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(4) var<uniform> forward_layer: Layer;

fn put_y(layer: Layer, row: u32, column: u32, sums: vec4f) {
    if row >= layer.batch {
        return;
    }
    for (var lane = 0u; lane < 4u && column + lane < layer.outputs; lane++) {
        let sum = sums[lane] + bias[column + lane];
        y[row * layer.outputs + column + lane] = select(sum, 0.0, RELU && sum < 0.0);
    }
}

// y, rows of the batch by outputs.
@compute @workgroup_size(8, 8)
fn dense_forward(@builtin(global_invocation_id) id: vec3u) {
    let layer = forward_layer;
    let row = 4u * id.y;
    let column = 4u * id.x;
    if row >= layer.batch || column >= layer.outputs {
        return;
    }
    var at_x = layer.x_row * places(row, layer.batch - 1u);
    var at_w = layer.weight_column * places(column, layer.outputs - 1u);
    var s0 = vec4f();
    var s1 = vec4f();
    var s2 = vec4f();
    var s3 = vec4f();
    for (var k = 0u; k < layer.inputs; k++) {
        let w = vec4f(weight[at_w.x], weight[at_w.y], weight[at_w.z], weight[at_w.w]);
        s0 += x[at_x.x] * w;
        s1 += x[at_x.y] * w;
        s2 += x[at_x.z] * w;
        s3 += x[at_x.w] * w;
        at_x += layer.x_column;
        at_w += layer.weight_row;
    }
    put_y(layer, row, column, s0);
    put_y(layer, row + 1u, column, s1);
    put_y(layer, row + 2u, column, s2);
    put_y(layer, row + 3u, column, s3);
}

@group(0) @binding(0) var<storage, read> back_x: array<f32>;
@group(0) @binding(1) var<storage, read> weight_dy: array<f32>;
// What the ReLU gave, without gaps; dy again where there is none.
@group(0) @binding(2) var<storage, read> weight_relu: array<f32>;
@group(0) @binding(3) var<storage, read_write> d_weight: array<f32>;
@group(0) @binding(4) var<storage, read_write> d_bias: array<f32>;
@group(0) @binding(5) var<uniform> weight_layer: Layer;

fn put_d_weight(layer: Layer, row: u32, column: u32, sums: vec4f) {
    if row >= layer.inputs {
        return;
    }
    for (var lane = 0u; lane < 4u && column + lane < layer.outputs; lane++) {
        d_weight[row * layer.outputs + column + lane] = sums[lane];
    }
}

// The gradient by W, inputs by outputs, Σ over the batch of x·dy; the first row's invocations sum dy for the bias's gradient.
@compute @workgroup_size(8, 8)
fn dense_by_weight(@builtin(global_invocation_id) id: vec3u) {
    let layer = weight_layer;
    let row = 4u * id.y;
    let column = 4u * id.x;
    if row >= layer.inputs || column >= layer.outputs {
        return;
    }
    let columns = places(column, layer.outputs - 1u);
    var at_x = layer.x_column * places(row, layer.inputs - 1u);
    var at_dy = layer.dy_column * columns;
    var at_relu = columns;
    var s0 = vec4f();
    var s1 = vec4f();
    var s2 = vec4f();
    var s3 = vec4f();
    var sum = vec4f();
    for (var n = 0u; n < layer.batch; n++) {
        var dy = vec4f(weight_dy[at_dy.x], weight_dy[at_dy.y], weight_dy[at_dy.z], weight_dy[at_dy.w]);
        if RELU {
            let given = vec4f(weight_relu[at_relu.x], weight_relu[at_relu.y], weight_relu[at_relu.z], weight_relu[at_relu.w]);
            dy = select(vec4f(), dy, given > vec4f());
        }
        s0 += back_x[at_x.x] * dy;
        s1 += back_x[at_x.y] * dy;
        s2 += back_x[at_x.z] * dy;
        s3 += back_x[at_x.w] * dy;
        sum += dy;
        at_x += layer.x_row;
        at_dy += layer.dy_row;
        at_relu += layer.outputs;
    }
    put_d_weight(layer, row, column, s0);
    put_d_weight(layer, row + 1u, column, s1);
    put_d_weight(layer, row + 2u, column, s2);
    put_d_weight(layer, row + 3u, column, s3);
    if row == 0u {
        for (var lane = 0u; lane < 4u && column + lane < layer.outputs; lane++) {
            d_bias[column + lane] = sum[lane];
        }
    }
}

@group(0) @binding(0) var<storage, read> x_dy: array<f32>;
@group(0) @binding(1) var<storage, read> x_relu: array<f32>;
@group(0) @binding(2) var<storage, read> back_weight: array<f32>;
@group(0) @binding(3) var<storage, read_write> d_x: array<f32>;
@group(0) @binding(4) var<uniform> x_layer: Layer;

fn put_d_x(layer: Layer, row: u32, column: u32, sums: vec4f) {
    if row >= layer.batch {
        return;
    }
    for (var lane = 0u; lane < 4u && column + lane < layer.inputs; lane++) {
        d_x[row * layer.inputs + column + lane] = sums[lane];
    }
}

// The gradient by x, rows of the batch by inputs: dy·Wᵀ.
@compute @workgroup_size(8, 8)
fn dense_by_x(@builtin(global_invocation_id) id: vec3u) {
    let layer = x_layer;
    let row = 4u * id.y;
    let column = 4u * id.x;
    if row >= layer.batch || column >= layer.inputs {
        return;
    }
    let rows = places(row, layer.batch - 1u);
    var at_dy = layer.dy_row * rows;
    var at_relu = layer.outputs * rows;
    var at_w = layer.weight_row * places(column, layer.inputs - 1u);
    var s0 = vec4f();
    var s1 = vec4f();
    var s2 = vec4f();
    var s3 = vec4f();
    for (var k = 0u; k < layer.outputs; k++) {
        var dy = vec4f(x_dy[at_dy.x], x_dy[at_dy.y], x_dy[at_dy.z], x_dy[at_dy.w]);
        if RELU {
            let given = vec4f(x_relu[at_relu.x], x_relu[at_relu.y], x_relu[at_relu.z], x_relu[at_relu.w]);
            dy = select(vec4f(), dy, given > vec4f());
        }
        let w = vec4f(back_weight[at_w.x], back_weight[at_w.y], back_weight[at_w.z], back_weight[at_w.w]);
        s0 += dy.x * w;
        s1 += dy.y * w;
        s2 += dy.z * w;
        s3 += dy.w * w;
        at_dy += layer.dy_column;
        at_relu += 1u;
        at_w += layer.weight_column;
    }
    put_d_x(layer, row, column, s0);
    put_d_x(layer, row + 1u, column, s1);
    put_d_x(layer, row + 2u, column, s2);
    put_d_x(layer, row + 3u, column, s3);
}

// The same where every matrix lies row by row without gaps and its columns are whole quads: four numbers an access.

@group(0) @binding(0) var<storage, read> quad_x: array<vec4f>;
@group(0) @binding(1) var<storage, read> quad_weight: array<vec4f>;
@group(0) @binding(2) var<storage, read> quad_bias: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> quad_y: array<vec4f>;
@group(0) @binding(4) var<uniform> quad_forward_layer: Layer;

fn put_quad_y(layer: Layer, row: u32, column: u32, sums: vec4f) {
    if row < layer.batch {
        let sum = sums + quad_bias[column];
        quad_y[row * (layer.outputs / 4u) + column] = select(sum, vec4f(), (sum < vec4f()) & vec4<bool>(RELU));
    }
}

@compute @workgroup_size(8, 8)
fn dense_forward_quads(@builtin(global_invocation_id) id: vec3u) {
    let layer = quad_forward_layer;
    let row = 4u * id.y;
    let columns = layer.outputs / 4u;
    if row >= layer.batch || id.x >= columns {
        return;
    }
    var at_x = layer.inputs / 4u * places(row, layer.batch - 1u);
    var at_w = id.x;
    var s0 = vec4f();
    var s1 = vec4f();
    var s2 = vec4f();
    var s3 = vec4f();
    for (var k = 0u; k < layer.inputs; k += 4u) {
        let w = mat4x4f(
            quad_weight[at_w],
            quad_weight[at_w + columns],
            quad_weight[at_w + 2u * columns],
            quad_weight[at_w + 3u * columns],
        );
        s0 += w * quad_x[at_x.x];
        s1 += w * quad_x[at_x.y];
        s2 += w * quad_x[at_x.z];
        s3 += w * quad_x[at_x.w];
        at_w += 4u * columns;
        at_x += 1u;
    }
    put_quad_y(layer, row, id.x, s0);
    put_quad_y(layer, row + 1u, id.x, s1);
    put_quad_y(layer, row + 2u, id.x, s2);
    put_quad_y(layer, row + 3u, id.x, s3);
}

@group(0) @binding(0) var<storage, read> quad_back_x: array<vec4f>;
@group(0) @binding(1) var<storage, read> quad_weight_dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> quad_weight_relu: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> quad_d_weight: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> quad_d_bias: array<vec4f>;
@group(0) @binding(5) var<uniform> quad_weight_layer: Layer;

fn weight_quad(at: u32) -> vec4f {
    let dy = quad_weight_dy[at];
    if RELU {
        return select(vec4f(), dy, quad_weight_relu[at] > vec4f());
    }
    return dy;
}

@compute @workgroup_size(8, 8)
fn dense_by_weight_quads(@builtin(global_invocation_id) id: vec3u) {
    let layer = quad_weight_layer;
    let rows = layer.inputs / 4u;
    let columns = layer.outputs / 4u;
    if id.y >= rows || id.x >= columns {
        return;
    }
    var at_x = id.y;
    var at_dy = id.x;
    var s0 = vec4f();
    var s1 = vec4f();
    var s2 = vec4f();
    var s3 = vec4f();
    var sum = vec4f();
    // Four of the batch at a time, while there are four.
    var n = 0u;
    for (; n + 4u <= layer.batch; n += 4u) {
        let dy = mat4x4f(
            weight_quad(at_dy),
            weight_quad(at_dy + columns),
            weight_quad(at_dy + 2u * columns),
            weight_quad(at_dy + 3u * columns),
        );
        let x = transpose(mat4x4f(
            quad_back_x[at_x],
            quad_back_x[at_x + rows],
            quad_back_x[at_x + 2u * rows],
            quad_back_x[at_x + 3u * rows],
        ));
        s0 += dy * x[0];
        s1 += dy * x[1];
        s2 += dy * x[2];
        s3 += dy * x[3];
        sum += dy * vec4f(1.0);
        at_x += 4u * rows;
        at_dy += 4u * columns;
    }
    for (; n < layer.batch; n++) {
        let dy = weight_quad(at_dy);
        let x = quad_back_x[at_x];
        s0 += x.x * dy;
        s1 += x.y * dy;
        s2 += x.z * dy;
        s3 += x.w * dy;
        sum += dy;
        at_x += rows;
        at_dy += columns;
    }
    let first = 4u * id.y * columns + id.x;
    quad_d_weight[first] = s0;
    quad_d_weight[first + columns] = s1;
    quad_d_weight[first + 2u * columns] = s2;
    quad_d_weight[first + 3u * columns] = s3;
    if id.y == 0u {
        quad_d_bias[id.x] = sum;
    }
}

@group(0) @binding(0) var<storage, read> quad_x_dy: array<vec4f>;
@group(0) @binding(1) var<storage, read> quad_x_relu: array<vec4f>;
@group(0) @binding(2) var<storage, read> quad_back_weight: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> quad_d_x: array<vec4f>;
@group(0) @binding(4) var<uniform> quad_x_layer: Layer;

fn quad_dy(at: u32) -> vec4f {
    let dy = quad_x_dy[at];
    if RELU {
        return select(vec4f(), dy, quad_x_relu[at] > vec4f());
    }
    return dy;
}

fn put_quad_d_x(layer: Layer, row: u32, column: u32, sums: vec4f) {
    if row < layer.batch {
        quad_d_x[row * (layer.inputs / 4u) + column] = sums;
    }
}

@compute @workgroup_size(8, 8)
fn dense_by_x_quads(@builtin(global_invocation_id) id: vec3u) {
    let layer = quad_x_layer;
    let row = 4u * id.y;
    let parts = layer.outputs / 4u;
    if row >= layer.batch || id.x >= layer.inputs / 4u {
        return;
    }
    var at_dy = parts * places(row, layer.batch - 1u);
    var at_w = parts * (4u * id.x + vec4u(0u, 1u, 2u, 3u));
    var s0 = vec4f();
    var s1 = vec4f();
    var s2 = vec4f();
    var s3 = vec4f();
    for (var k = 0u; k < parts; k++) {
        let w = mat4x4f(
            quad_back_weight[at_w.x],
            quad_back_weight[at_w.y],
            quad_back_weight[at_w.z],
            quad_back_weight[at_w.w],
        );
        s0 += quad_dy(at_dy.x) * w;
        s1 += quad_dy(at_dy.y) * w;
        s2 += quad_dy(at_dy.z) * w;
        s3 += quad_dy(at_dy.w) * w;
        at_dy += 1u;
        at_w += 1u;
    }
    put_quad_d_x(layer, row, id.x, s0);
    put_quad_d_x(layer, row + 1u, id.x, s1);
    put_quad_d_x(layer, row + 2u, id.x, s2);
    put_quad_d_x(layer, row + 3u, id.x, s3);
}
