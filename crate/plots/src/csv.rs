//! The numbers of a figure as CSV (RFC 4180, lines end in LF), and the quoting of fields. It must not know pixels or colours.

use std::fmt::Write as _;

use figure::{Chart, Dash, Figure, Images, Layer, Picture, Role};

use crate::palette;

/// The figure's data, a header and a row per mark, every number in full.
///
/// A chart: `kind,role,label` name the layer; then `x,y`, and `x2,y2,value` as the kind needs:
/// line, points, classes (value: class) x,y · band x, y = lower, y2 = upper · bars x..x2, y..y2 · rule x or y ·
/// ellipses centre x,y, radii x2,y2 · errors x,y, value = half length · heat x,y = cell's middle, value ·
/// arrows from x,y to x2,y2 · text x,y, label = the text.
/// The headers of x and y are the axes' labels where they have one.
///
/// Images: `image,row,column`, the caption of the row, then every pixel from 0 (paper) to 255 (ink), row by row.
pub fn csv(figure: &Figure) -> String {
    match &figure.picture {
        Picture::Chart(chart) => chart_rows(chart),
        Picture::Images(images) => image_rows(images),
    }
}

/// One mark: x, y, x2, y2, value.
type Row = [Option<f64>; 5];

fn chart_rows(chart: &Chart) -> String {
    let named = |label: &str, plain: &str| csv_field(if label.is_empty() { plain } else { label });
    let (x, y) = (named(&chart.x.label, "x"), named(&chart.y.label, "y"));
    let mut out = format!("kind,role,label,{x},{y},x2,y2,value\n");
    for layer in &chart.layers {
        layer_rows(layer, &mut out);
    }
    out
}

fn layer_rows(layer: &Layer, out: &mut String) {
    let mut put = |kind: &str, role: Option<Role>, label: &str, rows: &mut dyn Iterator<Item = Row>| {
        let head = format!("{kind},{},{}", role.map(palette::name).unwrap_or_default(), csv_field(label));
        for row in rows {
            out.push_str(&head);
            for value in row {
                out.push(',');
                if let Some(value) = value {
                    // Writing into a String cannot fail.
                    let _ = write!(out, "{value}");
                }
            }
            out.push('\n');
        }
    };
    let xy = |&[x, y]: &[f64; 2]| [Some(x), Some(y), None, None, None];
    let corners = |&[x0, y0, x1, y1]: &[f64; 4]| [Some(x0), Some(y0), Some(x1), Some(y1), None];
    match layer {
        Layer::Line { role, dash, label, points } => {
            let kind = match dash {
                Dash::Solid => "line",
                Dash::Dashed => "line dashed",
                Dash::Dotted => "line dotted",
            };
            put(kind, Some(*role), label, &mut points.iter().map(xy));
        }
        Layer::Points { role, label, points, .. } => {
            put("points", Some(*role), label, &mut points.iter().map(xy));
        }
        Layer::Classes { points, classes, .. } => {
            let class = |i: usize| classes.get(i).filter(|c| **c != 255).map(|c| f64::from(*c));
            let mut rows = points.iter().enumerate().map(|(i, &[x, y])| [Some(x), Some(y), None, None, class(i)]);
            put("classes", None, "", &mut rows);
        }
        Layer::Band { role, label, points } => {
            let mut rows = points.iter().map(|&[x, low, high]| [Some(x), Some(low), None, Some(high), None]);
            put("band", Some(*role), label, &mut rows);
        }
        Layer::Bars { role, label, bars } => {
            let mut rows = bars.iter().map(|&[x0, x1, y0, y1]| [Some(x0), Some(y0), Some(x1), Some(y1), None]);
            put("bars", Some(*role), label, &mut rows);
        }
        Layer::Rule { role, label, at, vertical, .. } => {
            let row = if *vertical { [Some(*at), None, None, None, None] } else { [None, Some(*at), None, None, None] };
            put("rule", Some(*role), label, &mut std::iter::once(row));
        }
        Layer::Ellipses { role, label, ellipses } => {
            put("ellipses", Some(*role), label, &mut ellipses.iter().map(corners));
        }
        Layer::Errors { role, points } => {
            let mut rows = points.iter().map(|&[x, y, half]| [Some(x), Some(y), None, None, Some(half)]);
            put("errors", Some(*role), "", &mut rows);
        }
        Layer::Heat(heat) => {
            let middle = |(low, high): (f64, f64), i: usize, n: usize| low + (high - low) * (i as f64 + 0.5) / n as f64;
            let mut rows = heat.values.iter().take(heat.columns * heat.rows).enumerate().map(|(i, value)| {
                let (column, row) = (i % heat.columns, i / heat.columns);
                let (x, y) = (middle(heat.x, column, heat.columns), middle(heat.y, row, heat.rows));
                [Some(x), Some(y), None, None, Some(f64::from(*value))]
            });
            put("heat", Some(heat.role), "", &mut rows);
        }
        Layer::Arrows { role, arrows, .. } => put("arrows", Some(*role), "", &mut arrows.iter().map(corners)),
        Layer::Text { role, at, text, .. } => put("text", Some(*role), text, &mut std::iter::once(xy(at))),
    }
}

fn image_rows(images: &Images) -> String {
    let size = images.width * images.height;
    let mut out = String::from("image,row,column,caption");
    for i in 0..size {
        let _ = write!(out, ",p{i}");
    }
    out.push('\n');
    for (i, image) in images.pixels.chunks_exact(size.max(1)).enumerate() {
        let (row, column) = (i / images.columns.max(1), i % images.columns.max(1));
        let caption = images.captions.get(row).map_or("", String::as_str);
        let _ = write!(out, "{i},{row},{column},{}", csv_field(caption));
        for value in image {
            let _ = write!(out, ",{value}");
        }
        out.push('\n');
    }
    out
}

/// One field: in quotes where it holds a comma, a quote or a line break, and then with its quotes doubled (RFC 4180).
pub fn csv_field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use figure::Axis;

    #[test]
    fn every_point_is_a_row_in_full_precision() {
        let line = Layer::Line {
            role: Role::Kl,
            dash: Dash::Dotted,
            label: "KL, held out".into(),
            points: vec![[1.0, 0.1 + 0.2], [2.0, f64::NAN]],
        };
        let band = Layer::Band { role: Role::Score, label: String::new(), points: vec![[1.0, -1.0, 1.0]] };
        let rule = Layer::Rule { role: Role::Exact, dash: Dash::Dashed, label: "opt".into(), at: 3.0, vertical: false };
        let chart = Chart { x: Axis::linear("step"), layers: vec![line, band, rule], ..Chart::default() };
        assert_eq!(
            csv(&Figure::chart("f", "", chart)),
            "kind,role,label,step,y,x2,y2,value\n\
             line dotted,kl,\"KL, held out\",1,0.30000000000000004,,,\n\
             line dotted,kl,\"KL, held out\",2,NaN,,,\n\
             band,score,,1,-1,,1,\n\
             rule,exact,opt,,3,,,\n"
        );
    }

    #[test]
    fn fields_are_quoted_only_where_they_must_be() {
        let cases = [
            ("", ""),
            ("KL (nats)", "KL (nats)"),
            ("a, b", "\"a, b\""),
            ("5\"", "\"5\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("carriage\rreturn", "\"carriage\rreturn\""),
        ];
        for (text, field) in cases {
            assert_eq!(csv_field(text), field);
        }
    }

    #[test]
    fn images_are_rows_of_pixels() {
        let images =
            Images { columns: 1, width: 2, height: 1, pixels: vec![0, 255, 7, 8], captions: vec!["a \"b\"".into()] };
        assert_eq!(
            csv(&Figure::images("f", "", images)),
            "image,row,column,caption,p0,p1\n0,0,0,\"a \"\"b\"\"\",0,255\n1,1,0,,7,8\n"
        );
    }
}
