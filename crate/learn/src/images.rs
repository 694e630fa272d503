//! Images on the device: a training part that batches are drawn from, and a held-out part.

use burn::tensor::{Device, Int, Tensor, TensorData};
use data::idx::{self, IdxError};
use data::{Batches, Digits, HELDOUT_FRACTION, split};
use math::rng::Rng;

use crate::Stream;
use crate::models::tensor;
use figure::Assets;

/// The most pixels of the user's images that are used, whatever number is requested: as many as MNIST's training images have.
const MOST_PIXELS: usize = 60_000 * 28 * 28;
/// The most training and held-out images that figures and estimates use; the embedded digits are fewer.
const LOOKED_AT: [usize; 2] = [1600, 400];
/// Pixels processed for every snapshot of a run: 450 images of 28×28, so that a snapshot costs no more than a step or two.
pub const OFTEN: usize = 450 * 28 * 28;
/// Pixels processed once, when a demo starts: 2,000 images of 28×28.
pub const ONCE: usize = 2000 * 28 * 28;

/// Where images come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The page's own digits.
    Embedded,
    /// The user's files.
    Own {
        /// Images in the file, of which some are used.
        of: usize,
        /// Identifies the file: [`idx::IdxImages::fingerprint`].
        fingerprint: u64,
        /// Whether the user also provided labels.
        labelled: bool,
    },
}

/// Images split into training and held-out parts, kept on a device.
#[derive(Clone, Debug)]
pub struct ImageSet {
    /// All images on the host.
    pub digits: Digits,
    /// Where they come from.
    pub source: Source,
    /// The seed that the images were chosen and split by: with the number of images it says which were trained on.
    pub seed: u64,
    /// Indices of the training images.
    pub train: Vec<usize>,
    /// Indices of the held-out images.
    pub heldout: Vec<usize>,
    /// All images `[n, pixel]` on the device.
    pub x: Tensor<2>,
}

impl ImageSet {
    /// The embedded digits. The split depends on the seed alone.
    pub fn digits(seed: u64, device: &Device) -> Self {
        let digits = Digits::load();
        let parts = split(digits.len(), HELDOUT_FRACTION, seed);
        Self::new(digits, Source::Embedded, seed, [parts.train, parts.heldout], device)
    }

    fn new(digits: Digits, source: Source, seed: u64, [train, heldout]: [Vec<usize>; 2], device: &Device) -> Self {
        let x = tensor(digits.images.clone(), [digits.len(), digits.pixels()], device);
        Self { train, heldout, x, digits, source, seed }
    }

    /// The same images in black and white: every pixel is drawn once, b ~ Bernoulli(x), by the set's seed.
    #[must_use]
    pub fn binarised(&self) -> Self {
        let mut rng = Stream::Binarised.rng(self.seed);
        let digits = Digits { images: binarised(&self.digits.images, &mut rng), ..self.digits.clone() };
        let parts = [self.train.clone(), self.heldout.clone()];
        Self::new(digits, self.source, self.seed, parts, &self.x.device())
    }

    /// The user's images, `most` of them chosen at random: the assets `images` and `labels`, IDX files. None where there are none.
    /// Choice and split depend on the seed alone.
    ///
    /// # Errors
    /// When a file is damaged, its images fit no network here, or there is not exactly one label for each image.
    pub fn own(assets: &Assets, most: usize, seed: u64, device: &Device) -> Result<Option<Self>, IdxError> {
        let Some(bytes) = assets.0.get("images") else { return Ok(None) };
        let images = idx::parse_images(bytes)?;
        idx::check_images([images.count, images.rows, images.columns])?;
        let labels = assets.0.get("labels").map(|bytes| idx::parse_labels(bytes, idx::LARGEST_LABEL)).transpose()?;
        if let Some(labels) = &labels {
            idx::check_pair(images.count, labels.len())?;
        }
        let mut chosen = Stream::Chosen.rng(seed).permutation(images.count);
        chosen.truncate(most.min(MOST_PIXELS / (images.rows * images.columns)));
        chosen.sort_unstable();
        let digits = Digits::chosen(&images, labels.as_deref(), &chosen);
        let source = Source::Own { of: images.count, fingerprint: images.fingerprint(), labelled: labels.is_some() };
        drop(images);
        let parts = split(digits.len(), HELDOUT_FRACTION, seed);
        Ok(Some(Self::new(digits, source, seed, [parts.train, parts.heldout], device)))
    }

    /// A subset small enough for figures and estimates: at most 1,600 training and 400 held-out images, and no more than `pixels`
    /// ([`OFTEN`] or [`ONCE`]), a third of them held out. Taken evenly from the whole of each part, since a file may be sorted by
    /// class. The embedded digits are used whole.
    #[must_use]
    pub fn few(&self, pixels: usize) -> Self {
        let affordable = pixels / self.pixels();
        let [train, heldout] = [LOOKED_AT[0].min(affordable - affordable / 3), LOOKED_AT[1].min(affordable / 3)];
        if self.train.len() <= train && self.heldout.len() <= heldout {
            return self.clone();
        }
        let evenly = |part: &[usize], most: usize| -> Vec<usize> {
            let count = most.min(part.len());
            (0..count).map(|place| part[place * part.len() / count]).collect()
        };
        let mut indices = evenly(&self.train, train);
        let split_at = indices.len();
        indices.extend(evenly(&self.heldout, heldout));
        let digits = self.digits.part(&indices);
        let parts = [(0..split_at).collect(), (split_at..indices.len()).collect()];
        Self::new(digits, self.source, self.seed, parts, &self.x.device())
    }

    /// Whether the images have labels.
    pub fn labelled(&self) -> bool {
        !matches!(self.source, Source::Own { labelled: false, .. })
    }

    /// Batches of training indices; each epoch uses every image once.
    pub fn batches(&self, seed: u64) -> Batches {
        Batches::new(self.train.clone(), Stream::Batches.rng(seed))
    }

    /// Images by index, gathered on the device. Shape: `[indices, pixel]`.
    pub fn select(&self, indices: &[usize]) -> Tensor<2> {
        self.x.clone().select(0, places(indices, &self.x.device()))
    }

    /// Pixels of an image.
    pub fn pixels(&self) -> usize {
        self.digits.pixels()
    }

    /// The first held-out image of each class 0..=9; of images without labels the first ten.
    pub fn one_of_each(&self) -> Vec<usize> {
        if !self.labelled() {
            return self.heldout.iter().copied().take(10).collect();
        }
        (0..10).filter_map(|class| self.heldout.iter().copied().find(|&n| self.digits.labels[n] == class)).collect()
    }
}

/// Indices as a device selects by them.
pub fn places(indices: &[usize], device: &Device) -> Tensor<1, Int> {
    let numbers: Vec<i32> = indices.iter().map(|&index| index as i32).collect();
    Tensor::from_data(TensorData::new(numbers, [indices.len()]), device)
}

/// Pixels drawn anew: 1 with the grey value as probability, else 0. One uniform number a pixel, black and white ones included.
pub fn binarised(pixels: &[f32], rng: &mut Rng) -> Vec<f32> {
    pixels.iter().map(|&grey| f32::from(u8::from(rng.uniform() < f64::from(grey)))).collect()
}
