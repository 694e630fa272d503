//! From a place on a drawn canvas to data and back, in CSS pixels.

use wasm_bindgen::prelude::*;

/// What lies where in a figure that was drawn on a canvas.
#[wasm_bindgen]
pub struct Map {
    map: plots::Map,
    /// Device pixels per CSS pixel.
    scale: f64,
    /// Pixels of one image across; 0 in charts.
    image_width: usize,
}

impl Map {
    pub(crate) fn new(map: plots::Map, scale: f64, image_width: usize) -> Self {
        Self { map, scale, image_width }
    }
}

#[wasm_bindgen]
impl Map {
    /// The data under a CSS pixel of a chart, `[x, y]`; empty outside its axes and in images.
    pub fn locate(&self, x_px: f64, y_px: f64) -> Vec<f64> {
        self.map.data_from_pixel(x_px * self.scale, y_px * self.scale).map_or_else(Vec::new, |(x, y)| vec![x, y])
    }

    /// The CSS pixel of a point of a chart; not finite where it has none.
    pub fn place(&self, x: f64, y: f64) -> Vec<f64> {
        let (x_px, y_px) = self.map.pixel_from_data(x, y);
        vec![x_px / self.scale, y_px / self.scale]
    }

    /// The image under a CSS pixel, row by row; -1 where there is none.
    pub fn index(&self, x_px: f64, y_px: f64) -> i32 {
        whole(self.map.image_at(x_px * self.scale, y_px * self.scale))
    }

    /// The pixel of an image under a CSS pixel, row by row within its image; -1 where there is none.
    pub fn pixel(&self, x_px: f64, y_px: f64) -> i32 {
        let hit = self.map.image_pixel_at(x_px * self.scale, y_px * self.scale);
        whole(hit.map(|(_, column, row)| row * self.image_width + column))
    }
}

fn whole(index: Option<usize>) -> i32 {
    index.and_then(|index| i32::try_from(index).ok()).unwrap_or(-1)
}
