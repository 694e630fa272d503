//! From a pixel of a drawn canvas to data and back, in CSS pixels.

use wasm_bindgen::prelude::*;

/// Where the data of a figure lie on the canvas that it was drawn on.
#[wasm_bindgen]
pub struct PlotCoordinates {
    coordinates: plots::Coordinates,
    /// Device pixels per CSS pixel.
    scale: f64,
    /// Pixels of one image across; 0 in charts.
    image_width: usize,
}

impl PlotCoordinates {
    pub(crate) fn new(coordinates: plots::Coordinates, scale: f64, image_width: usize) -> Self {
        Self { coordinates, scale, image_width }
    }
}

#[wasm_bindgen]
impl PlotCoordinates {
    /// The data under a CSS pixel of a chart, `[x, y]`; empty outside its axes and in images.
    pub fn locate(&self, x_px: f64, y_px: f64) -> Vec<f64> {
        self.coordinates
            .data_from_pixel(x_px * self.scale, y_px * self.scale)
            .map_or_else(Vec::new, |(x, y)| vec![x, y])
    }

    /// The CSS pixel of a point of a chart; not finite where it has none.
    pub fn place(&self, x: f64, y: f64) -> Vec<f64> {
        let (x_px, y_px) = self.coordinates.pixel_from_data(x, y);
        vec![x_px / self.scale, y_px / self.scale]
    }

    /// The image under a CSS pixel, row by row; -1 where there is none.
    pub fn index(&self, x_px: f64, y_px: f64) -> i32 {
        whole(self.coordinates.image_at(x_px * self.scale, y_px * self.scale))
    }

    /// The pixel of an image under a CSS pixel, row by row within its image; -1 where there is none.
    pub fn pixel(&self, x_px: f64, y_px: f64) -> i32 {
        let hit = self.coordinates.image_pixel_at(x_px * self.scale, y_px * self.scale);
        whole(hit.map(|(_, column, row)| row * self.image_width + column))
    }
}

fn whole(index: Option<usize>) -> i32 {
    index.and_then(|index| i32::try_from(index).ok()).unwrap_or(-1)
}
