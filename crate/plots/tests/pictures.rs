//! Whole figures on a backend in memory and as SVG: every layer, odd data, any size; the picture agrees with its coordinates.

use std::cell::RefCell;
use std::rc::Rc;

use figure::{Axis, Chart, Dash, Figure, Heat, Images, Layer, Marker, Pointer, Role};
use plots::{Coordinates, Style, draw, palette};
use plotters::drawing::IntoDrawingArea;
use plotters_backend::{BackendColor, BackendCoord, BackendTextStyle, DrawingBackend, DrawingErrorKind};

/// Pixels, texts, and the number of blits.
#[derive(Default)]
struct Seen {
    size: (u32, u32),
    pixels: Vec<(u8, u8, u8)>,
    texts: Vec<String>,
    blits: usize,
}

/// plotters' own rasteriser on an array; text is only counted, a letter is half as wide as high.
struct Memory(Rc<RefCell<Seen>>);

type Outcome = Result<(), DrawingErrorKind<std::io::Error>>;

impl DrawingBackend for Memory {
    type ErrorType = std::io::Error;

    fn get_size(&self) -> (u32, u32) {
        self.0.borrow().size
    }

    fn ensure_prepared(&mut self) -> Outcome {
        Ok(())
    }

    fn present(&mut self) -> Outcome {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, color: BackendColor) -> Outcome {
        let mut seen = self.0.borrow_mut();
        let (w, h) = seen.size;
        if color.alpha > 0.0 && x >= 0 && y >= 0 && (x as u32) < w && (y as u32) < h {
            seen.pixels[(y as u32 * w + x as u32) as usize] = color.rgb;
        }
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, _: &S, _: BackendCoord) -> Outcome {
        self.0.borrow_mut().texts.push(text.into());
        Ok(())
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Self::ErrorType>> {
        Ok(((text.chars().count() as f64 * style.size() * 0.5) as u32, style.size() as u32))
    }

    fn blit_bitmap(&mut self, (x0, y0): BackendCoord, (w, h): (u32, u32), rgb: &[u8]) -> Outcome {
        assert_eq!(rgb.len(), (3 * w * h) as usize);
        self.0.borrow_mut().blits += 1;
        for (i, p) in rgb.chunks_exact(3).enumerate() {
            let at = (x0 + (i as u32 % w) as i32, y0 + (i as u32 / w) as i32);
            self.draw_pixel(at, BackendColor { alpha: 1.0, rgb: (p[0], p[1], p[2]) })?;
        }
        Ok(())
    }
}

fn paint(figure: &Figure, size: (u32, u32), style: &Style) -> (Coordinates, Seen) {
    let blank = Seen { size, pixels: vec![(0, 0, 0); (size.0 * size.1) as usize], ..Seen::default() };
    let seen = Rc::new(RefCell::new(blank));
    let root = Memory(seen.clone()).into_drawing_area();
    let coordinates = draw(figure, &root, style).expect("memory does not fail");
    drop(root);
    (coordinates, seen.take())
}

fn svg(figure: &Figure, size: (u32, u32), style: &Style) -> String {
    let mut out = String::new();
    let root = plotters_svg::SVGBackend::with_string(&mut out, size).into_drawing_area();
    draw(figure, &root, style).expect("a string does not fail");
    drop(root);
    out
}

/// One of each kind, with the numbers `v` scattered through all of them.
fn every_layer(v: [f64; 4]) -> Vec<Layer> {
    let [a, b, c, d] = v;
    let (role, dash) = (Role::Kl, Dash::Solid);
    let xy = || vec![[a, b], [b, c], [c, d], [d, a]];
    let mut layers = vec![
        Layer::Heat(Heat {
            role,
            x: (a, b),
            y: (c, d),
            columns: 2,
            rows: 2,
            values: vec![a as f32, b as f32, f32::NAN, 1.0],
            range: None,
        }),
        Layer::Heat(Heat {
            role,
            x: (0.0, 1.0),
            y: (0.0, 1.0),
            columns: 3,
            rows: 2,
            values: vec![1.0],
            range: Some((0.0, 0.0)),
        }),
        Layer::Band { role, label: "band".into(), points: vec![[a, b, c], [b, c, d], [c, d, a]] },
        Layer::Bars { role, label: "bars".into(), bars: vec![[a, b, c, d], [b, c, d, a]] },
        Layer::Bars { role: Role::Aggregate, label: "more".into(), bars: vec![[a, b, c, d]] },
        Layer::Ellipses { role, label: "ellipses".into(), ellipses: vec![[a, b, c, d]] },
        Layer::Errors { role, points: vec![[a, b, c], [d, c, b]] },
        Layer::Text { role, size: a, at: [b, c], text: "word".into() },
        Layer::Classes { marker: Marker::Numeral, size: d, points: xy(), classes: vec![0, 9, 200] },
        Layer::Line { role: Role::Exact, dash, label: String::new(), points: vec![] },
        Layer::Line { role, dash, label: "one point".into(), points: vec![[a, b]] },
    ];
    for dash in [Dash::Solid, Dash::Dashed, Dash::Dotted] {
        layers.push(Layer::Line { role: Role::Elbo, dash, label: format!("{dash:?}"), points: xy() });
        layers.push(Layer::Rule { role, dash, label: "level".into(), at: a, vertical: false });
        layers.push(Layer::Rule { role, dash, label: "upright".into(), at: b, vertical: true });
        layers.push(Layer::Arrows { role, dash, head: dash == Dash::Solid, arrows: vec![[a, b, c, d], [a, b, a, b]] });
    }
    for marker in [Marker::Dot, Marker::Circle, Marker::Square, Marker::Cross, Marker::Numeral] {
        layers.push(Layer::Points { role: Role::Class(3), marker, label: format!("{marker:?}"), points: xy() });
    }
    layers
}

#[test]
fn nothing_in_a_figure_stops_the_drawing() {
    let odd = [
        [0.1, 0.9, 0.3, 0.7],
        [0.0, 0.0, 0.0, 0.0],
        [f64::NAN, 1.0, f64::INFINITY, 2.0],
        [-1e308, 1e308, 1e-320, -3.0],
        [-1.0, -2.0, 5.0, 1e6],
    ];
    let axes = [
        Axis::linear("name (nats)"),
        Axis::log("log"),
        Axis::hidden(0.0, 1.0),
        Axis::linear("").over(1.0, 1.0),
        Axis::linear("named").with_ticks(vec![
            (0.2, "low".into()),
            (f64::NAN, "?".into()),
            (0.21, "a very long name indeed".into()),
        ]),
    ];
    for v in odd {
        for axis in &axes {
            for equal in [false, true] {
                let chart = Chart { x: axis.clone(), y: axis.clone(), layers: every_layer(v), equal };
                let figure = Figure::chart("all", "", chart);
                for size in [(0, 0), (1, 1), (20, 20), (7, 300), (300, 7), (180, 120)] {
                    for vector in [false, true] {
                        paint(&figure, size, &Style { vector, dark: equal, ..Style::default() });
                    }
                }
                svg(&figure, (180, 120), &Style { vector: true, scale: 2.0, base: 28.0, ..Style::default() });
                assert!(plots::csv(&figure).lines().count() > 40);
            }
        }
    }
    paint(&Figure::chart("empty", "", Chart::default()), (200, 100), &Style::default());
}

#[test]
fn images_of_any_shape_are_drawn() {
    for (columns, width, height, count) in
        [(10, 28, 28, 30), (1, 1, 1, 1), (0, 3, 2, 5), (3, 0, 0, 0), (9, 5, 5, 2), (100, 28, 28, 4000)]
    {
        let images = Images {
            columns,
            width,
            height,
            pixels: vec![128; width * height * count],
            captions: vec!["row".into(); 2],
        };
        let mut figure = Figure::images("images", "", images);
        for size in [(0, 0), (1, 1), (20, 20), (300, 40), (333, 222)] {
            for vector in [false, true] {
                paint(&figure, size, &Style { vector, ..Style::default() });
            }
        }
        figure.pointer = Some(Pointer::Paint { control: "digit".into() });
        paint(&figure, (100, 100), &Style::default());
    }
}

#[test]
fn the_picture_is_where_the_coordinates_say() {
    let role = Role::Reconstruction;
    let points = vec![[1.0, 0.02], [30.0, 5.0], [80.0, 0.3]];
    let layer = Layer::Points { role, marker: Marker::Dot, label: String::new(), points: points.clone() };
    let chart = Chart { x: Axis::linear("x"), y: Axis::log("y"), layers: vec![layer], equal: false };
    for (dark, scale) in [(false, 1.0), (true, 2.5)] {
        let style = Style { dark, scale, ..Style::default() };
        let (coordinates, seen) = paint(&Figure::chart("f", "", chart.clone()), (640, 400), &style);
        let color = palette::color(role, dark);
        for [x, y] in &points {
            let (u, v) = coordinates.pixel_from_data(*x, *y);
            let pixel = seen.pixels[(v.round() as u32 * 640 + u.round() as u32) as usize];
            assert_eq!(pixel, (color.0, color.1, color.2), "{x} {y} at {u} {v}");
            let (a, b) = coordinates.data_from_pixel(u, v).expect("inside");
            assert!((a - x).abs() < 1e-6 && (b / y - 1.0).abs() < 1e-6);
        }
        assert_eq!(coordinates.data_from_pixel(1.0, 399.0), None);
    }
}

#[test]
fn images_are_where_the_coordinates_say_ink_on_paper() {
    let pixels = vec![0, 255, 255, 0, 255, 0, 0, 255];
    let figure =
        Figure::images("f", "", Images { columns: 2, width: 2, height: 2, pixels: pixels.clone(), captions: vec![] });
    for dark in [false, true] {
        let (coordinates, seen) = paint(&figure, (210, 100), &Style { dark, ..Style::default() });
        assert_eq!(seen.blits, 1);
        let mut found = [false; 8];
        for y in 0..100u32 {
            for x in 0..210u32 {
                let Some((image, column, row)) = coordinates.image_pixel_at(f64::from(x), f64::from(y)) else {
                    continue;
                };
                let index = 4 * image + 2 * row + column;
                found[index] = true;
                let want = if pixels[index] > 0 { palette::ink(dark) } else { palette::paper(dark) };
                assert_eq!(seen.pixels[(y * 210 + x) as usize], (want.0, want.1, want.2), "{x} {y}");
            }
        }
        assert_eq!(found, [true; 8]);
    }
}

#[test]
fn heat_is_one_blit_or_a_few_rectangles() {
    let values = (0..2500).map(|i| (i / 50) as f32).collect();
    let heat = Heat { role: Role::Kl, x: (0.0, 1.0), y: (0.0, 1.0), columns: 50, rows: 50, values, range: None };
    let figure = Figure::chart("f", "", Chart { layers: vec![Layer::Heat(heat)], ..Chart::default() });
    let (coordinates, seen) = paint(&figure, (300, 300), &Style::default());
    assert_eq!(seen.blits, 1);
    let color = palette::color(Role::Kl, false);
    let (x, y) = coordinates.pixel_from_data(0.5, 0.999);
    assert_eq!(
        seen.pixels[(y.ceil() as u32 * 300 + x as u32) as usize],
        (color.0, color.1, color.2),
        "the top row is the highest"
    );
    let vector = svg(&figure, (300, 300), &Style { vector: true, ..Style::default() });
    assert!(vector.matches("<rect").count() < 80, "rows of one value are one rectangle each");
}

#[test]
fn a_growing_run_keeps_its_axes() {
    let at = |n: u32| {
        let points = (0..=n).map(|i| [f64::from(i), 1.0 / (1.0 + f64::from(i))]).collect();
        let line = Layer::Line { role: Role::Elbo, dash: Dash::Solid, label: "ELBO".into(), points };
        let chart = Chart { x: Axis::linear("update"), y: Axis::linear("nats"), layers: vec![line], equal: false };
        paint(&Figure::chart("f", "", chart), (400, 300), &Style::default()).0.pixel_from_data(10.0, 0.5)
    };
    let mut places: Vec<_> = (100..400).step_by(7).map(at).collect();
    places.dedup();
    assert!(places.len() <= 9, "{} jumps", places.len());
}

#[test]
fn names_stand_at_line_ends_or_in_a_legend_and_never_twice() {
    let chart = |count: u8| {
        let line = |c: u8| Layer::Line {
            role: Role::Class(c % 10),
            dash: Dash::Solid,
            label: format!("line {c}"),
            points: vec![[0.0, f64::from(c)], [1.0, f64::from(c)]],
        };
        Chart { layers: (0..count).map(line).collect(), ..Chart::default() }
    };
    for count in [1, 4, 12] {
        let (_, seen) = paint(&Figure::chart("f", "", chart(count)), (600, 300), &Style::default());
        for c in 0..count {
            let name = format!("line {c}");
            assert_eq!(seen.texts.iter().filter(|text| **text == name).count(), 1, "{name} of {count}");
        }
    }
}
