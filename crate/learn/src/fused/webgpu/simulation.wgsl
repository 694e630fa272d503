// Sums of slide 1.8's terms over standard normal numbers. Each invocation is a lane of the generator that the CPU has eight of side by
// side: the same words in the same order, and the same polynomials, so the sums are the CPU's up to rounding.

struct Portion {
    lanes: u32,
    // Samples of an estimate.
    n: u32,
    // Pairs of numbers that every lane has drawn before, and that it draws now.
    drawn: u32,
    pairs: u32,
    // 1 where the sums begin with this portion.
    begins: u32,
    // 0: f(x) = x². 1: the step 1[x > 0].
    step_function: u32,
    theta: f32,
    baseline: f32,
}

// Four words of each lane's state, word by word.
@group(0) @binding(0) var<storage, read_write> states: array<u32>;
@group(0) @binding(1) var<storage, read_write> sums: array<f32>;
@group(0) @binding(2) var<uniform> portion: Portion;

// Pairs that are summed before their sum is added to the others: three levels of sums lose little in f32.
const BLOCK: u32 = 32u;

fn rotated(word: u32, by: u32) -> u32 {
    return (word << by) | (word >> (32u - by));
}

// xoshiro128++ (Blackman and Vigna 2021).
fn next(state: ptr<function, vec4u>) -> u32 {
    let s = *state;
    let word = rotated(s.x + s.w, 7u) + s.x;
    let shifted = s.y << 9u;
    let third = s.z ^ s.x;
    let fourth = s.w ^ s.y;
    *state = vec4u(s.x ^ fourth, s.y ^ third, third ^ shifted, rotated(fourth, 11u));
    return word;
}

// Natural logarithm of a normal, positive number at most 1 (Moshier, Cephes, logf).
fn ln(u: f32) -> f32 {
    const ROOT_HALF = 0x3F3504F3u;
    let shifted = bitcast<u32>(u) + (0x3F800000u - ROOT_HALF);
    let exponent = f32(i32(shifted >> 23u) - 127);
    let x = bitcast<f32>((shifted & 0x007FFFFFu) + ROOT_HALF) - 1.0;
    let square = x * x;
    var y = 7.0376836e-2;
    y = y * x - 1.151461e-1;
    y = y * x + 1.1676999e-1;
    y = y * x - 1.2420141e-1;
    y = y * x + 1.4249323e-1;
    y = y * x - 1.6668058e-1;
    y = y * x + 2.0000715e-1;
    y = y * x - 2.4999994e-1;
    y = y * x + 3.333333e-1;
    y = y * x * square - 2.1219444e-4 * exponent - 0.5 * square;
    return x + y + 0.6933594 * exponent;
}

// Two standard normal numbers from two words (Box and Muller 1958), as `math::rng` has it.
fn normals(radius_bits: u32, angle_bits: u32) -> vec2f {
    let u = (f32(radius_bits >> 1u) + 0.5) * 4.656612873077393e-10;
    let radius = sqrt(-2.0 * ln(u));
    let angle = (f32(bitcast<i32>(angle_bits) >> 8u) + 0.5) * 9.362675967850009e-8;
    let square = angle * angle;
    let sine = ((-1.9515296e-4 * square + 8.332161e-3) * square - 1.6666655e-1) * square * angle + angle;
    let cosine =
        ((2.4433157e-5 * square - 1.3887316e-3) * square + 4.1666646e-2) * square * square - 0.5 * square + 1.0;
    let turned = bitcast<f32>(bitcast<u32>(cosine) ^ (angle_bits << 31u));
    let direction = select(vec2f(turned, sine), vec2f(sine, turned), (angle_bits & 2u) != 0u);
    return radius * direction;
}

fn term(reparameterized: bool, eps: f32) -> f32 {
    let x = portion.theta + eps;
    if portion.step_function == 1u {
        return select((select(0.0, 1.0, x > 0.0) - portion.baseline) * eps, 0.0, reparameterized);
    }
    return select((x * x - portion.baseline) * eps, 2.0 * x, reparameterized);
}

// The lanes of the score estimates come first, eight for each estimate, then as many of the reparameterized ones.
@compute @workgroup_size(64)
fn simulation(@builtin(global_invocation_id) id: vec3u) {
    let lane = id.x;
    if lane >= portion.lanes {
        return;
    }
    let reparameterized = lane >= portion.lanes / 2u;
    var state = vec4u(
        states[lane],
        states[portion.lanes + lane],
        states[2u * portion.lanes + lane],
        states[3u * portion.lanes + lane],
    );
    var sum = 0.0;
    let last = portion.drawn + portion.pairs;
    for (var first = portion.drawn; first < last; first += BLOCK) {
        var part = 0.0;
        for (var pair = first; pair < min(first + BLOCK, last); pair++) {
            let radius_bits = next(&state);
            let eps = normals(radius_bits, next(&state));
            // Eight lanes side by side fill sixteen places: eight with their first numbers, eight with their second.
            let place = 16u * pair + lane % 8u;
            part += select(0.0, term(reparameterized, eps.x), place < portion.n);
            part += select(0.0, term(reparameterized, eps.y), place + 8u < portion.n);
        }
        sum += part;
    }
    states[lane] = state.x;
    states[portion.lanes + lane] = state.y;
    states[2u * portion.lanes + lane] = state.z;
    states[3u * portion.lanes + lane] = state.w;
    sums[lane] = sum + select(sums[lane], 0.0, portion.begins == 1u);
}
