//! Images as matrices: their pixels or their patches as rows, and back.

use burn::backend::flex::FlexTensor;

use super::host::tensor;

/// Pixels along a kernel's side, and how far it moves.
const KERNEL: usize = 4;
const STRIDE: usize = 2;

/// The sizes of a batch of images, `[batch, channel, side, side]`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Images {
    pub(super) batch: usize,
    pub(super) channels: usize,
    pub(super) side: usize,
}

impl Images {
    /// Pixels of one channel.
    pub(super) fn pixels(self) -> usize {
        self.side * self.side
    }

    /// Pixels of all images, one channel each.
    pub(super) fn places(self) -> usize {
        self.batch * self.pixels()
    }

    pub(super) fn tensor(self, numbers: Vec<f32>) -> FlexTensor {
        tensor(numbers, [self.batch, self.channels, self.side, self.side])
    }

    /// The sum of every channel.
    pub(super) fn sums(self, images: &[f32]) -> Vec<f32> {
        let mut sums = vec![0.0; self.channels];
        for (at, plane) in images.chunks_exact(self.pixels()).enumerate() {
            sums[at % self.channels] += plane.iter().sum::<f32>();
        }
        sums
    }
}

/// Every pixel's channels as a row: `[batch, channel, pixel]` → `[batch·pixel, channel]`.
pub(super) fn rows(images: &[f32], of: Images, map: impl Fn(f32) -> f32) -> Vec<f32> {
    let mut rows = vec![0.0; images.len()];
    let one = of.channels * of.pixels();
    for (image, rows) in images.chunks_exact(one).zip(rows.chunks_exact_mut(one)) {
        for (channel, plane) in image.chunks_exact(of.pixels()).enumerate() {
            for (x, row) in plane.iter().zip(rows.chunks_exact_mut(of.channels)) {
                row[channel] = map(*x);
            }
        }
    }
    rows
}

/// The way back: `[batch·pixel, channel]` → `[batch, channel, pixel]`; `map` is given the channel too.
pub(super) fn from_rows(rows: &[f32], of: Images, map: impl Fn(f32, usize) -> f32) -> Vec<f32> {
    let mut images = vec![0.0; rows.len()];
    let one = of.channels * of.pixels();
    for (image, rows) in images.chunks_exact_mut(one).zip(rows.chunks_exact(one)) {
        for (channel, plane) in image.chunks_exact_mut(of.pixels()).enumerate() {
            for (x, row) in plane.iter_mut().zip(rows.chunks_exact(of.channels)) {
                *x = map(row[channel], channel);
            }
        }
    }
    images
}

/// The pixels under the kernel at every place that it stops at: `[batch, channel, side, side]` → `[batch·(side/2)², channel·16]`.
pub(super) fn patches(images: &[f32], of: Images) -> Vec<f32> {
    let (half, wide) = (of.side / STRIDE, of.side + 2);
    let width = of.channels * KERNEL * KERNEL;
    let mut out = vec![0.0; of.batch * half * half * width];
    let mut bordered = vec![0.0; wide * wide];
    for (at, plane) in images.chunks_exact(of.pixels()).enumerate() {
        let (image, channel) = (at / of.channels, at % of.channels);
        for (row, line) in plane.chunks_exact(of.side).zip(bordered[wide..].chunks_exact_mut(wide)) {
            line[1..=of.side].copy_from_slice(row);
        }
        let rows = out[image * half * half * width..(image + 1) * half * half * width].chunks_exact_mut(width);
        for (place, row) in rows.enumerate() {
            let corner = place / half * STRIDE * wide + place % half * STRIDE;
            let (lines, _) = row[channel * KERNEL * KERNEL..].as_chunks_mut::<KERNEL>();
            for (line, out) in lines.iter_mut().take(KERNEL).enumerate() {
                out.copy_from_slice(&bordered[corner + line * wide..corner + line * wide + KERNEL]);
            }
        }
    }
    out
}

/// The transpose of [`patches`]: every number is added where it would have been read. `of` are the images that come out.
pub(super) fn put_back(patches: &[f32], of: Images) -> Vec<f32> {
    let (half, wide) = (of.side / STRIDE, of.side + 2);
    let width = of.channels * KERNEL * KERNEL;
    let mut images = vec![0.0; of.channels * of.places()];
    let mut bordered = vec![0.0; wide * wide];
    for (at, plane) in images.chunks_exact_mut(of.pixels()).enumerate() {
        let (image, channel) = (at / of.channels, at % of.channels);
        bordered.fill(0.0);
        let rows = patches[image * half * half * width..(image + 1) * half * half * width].chunks_exact(width);
        for (place, row) in rows.enumerate() {
            let corner = place / half * STRIDE * wide + place % half * STRIDE;
            let (lines, _) = row[channel * KERNEL * KERNEL..].as_chunks::<KERNEL>();
            for (line, numbers) in lines.iter().take(KERNEL).enumerate() {
                let places = &mut bordered[corner + line * wide..corner + line * wide + KERNEL];
                places.iter_mut().zip(numbers).for_each(|(place, number)| *place += number);
            }
        }
        for (row, line) in plane.chunks_exact_mut(of.side).zip(bordered[wide..].chunks_exact(wide)) {
            row.copy_from_slice(&line[1..=of.side]);
        }
    }
    images
}
