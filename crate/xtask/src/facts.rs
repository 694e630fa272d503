//! The facts of the demos, as the lecture declares them, and what of the page is written from them: the contents, the read-outs.

use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::files::Places;
use crate::markup::attribute_values;

/// A demo.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Demo {
    pub(crate) name: String,
    pub(crate) part: Part,
    pub(crate) slide: String,
    pub(crate) title: String,
    pub(crate) readouts: Vec<Readout>,
    pub(crate) figures: Vec<String>,
}

/// The part of the lecture that a demo belongs to.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Part {
    pub(crate) number: u8,
    pub(crate) title: String,
}

/// A read-out.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Readout {
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) unit: String,
    pub(crate) role: Option<serde_json::Value>,
    pub(crate) exact: bool,
}

/// Asks the lecture for its facts. It is a program of its own, so that this tool need not be built again when a fact changes.
pub(crate) fn read(places: &Places) -> Result<Vec<Demo>> {
    let mut command = places.cargo();
    command.args(["run", "--quiet", "--package", "lecture", "--bin", "facts"]).stderr(Stdio::inherit());
    let output = command.output().context("Starting cargo")?;
    ensure!(output.status.success(), "The facts of the demos could not be read; the compiler's words are above.");
    serde_json::from_slice(&output.stdout).context("The facts of the demos are not what this tool expects")
}

impl Demo {
    /// Its folder, seen from the workspace's root.
    pub(crate) fn folder(&self) -> String {
        format!("crate/lecture/src/demos/{}", self.name.replace('-', "_"))
    }

    /// Its slide's text with the list of its read-outs. What does not fit to the facts is added to `problems`.
    pub(crate) fn with_readouts(&self, page: &str, problems: &mut Vec<String>) -> String {
        let place = "<dl class=\"readouts\"></dl>";
        let mut complain = |sentence: String| problems.push(format!("{}/page.html: {sentence}", self.folder()));
        if page.matches(place).count() != 1 {
            complain(format!("it should say {place} once, where the read-outs go"));
        }
        for readout in attribute_values(page, "data-readout") {
            complain(format!("the read-out “{readout}” is written by the build"));
        }
        let shown = attribute_values(page, "data-figure");
        for figure in shown.iter().filter(|figure| !self.figures.contains(figure)) {
            complain(format!("the demo declares no figure “{figure}”"));
        }
        for figure in self.figures.iter().filter(|figure| !shown.contains(figure)) {
            complain(format!("the figure “{figure}” has no canvas"));
        }
        let list: String = self.readouts.iter().map(Readout::html).collect();
        page.replacen(place, &format!("<dl class=\"readouts\">\n{list}  </dl>"), 1)
    }
}

impl Readout {
    /// One entry of the list of read-outs.
    fn html(&self) -> String {
        let Self { name, label, unit, .. } = self;
        let class = match (self.role_class(), self.exact) {
            (None, false) => String::new(),
            (None, true) => " class=\"exact\"".to_owned(),
            (Some(role), false) => format!(" class=\"{role}\""),
            (Some(role), true) => format!(" class=\"{role} exact\""),
        };
        let unit = if unit.is_empty() { String::new() } else { format!(" <span class=\"unit\">{unit}</span>") };
        format!("    <div{class}><dt>{label}</dt><dd><output data-readout=\"{name}\"></output>{unit}</dd></div>\n")
    }

    /// The style sheet's class of its role: `role-kl`, `role-class-5`.
    fn role_class(&self) -> Option<String> {
        match self.role.as_ref()? {
            serde_json::Value::String(role) => Some(format!("role-{role}")),
            other => other.get("class").map(|class| format!("role-class-{class}")),
        }
    }
}

/// The links to the parts, in the page's head.
pub(crate) fn parts(demos: &[Demo]) -> String {
    let link = |part: &Part| {
        let Part { number, title } = part;
        format!("    <a href=\"#part-{number}\" title=\"{title}\">{number}</a>\n")
    };
    parts_of(demos).map(link).collect::<String>().trim_end().to_owned()
}

/// The list of all slides by part.
pub(crate) fn contents(demos: &[Demo]) -> String {
    let slide = |demo: &Demo| {
        let Demo { slide, title, .. } = demo;
        format!("          <li><a href=\"#slide-{}\"><span>{slide}</span> {title}</a></li>\n", slide.replace('.', "-"))
    };
    let part = |part: &Part| {
        let slides: String = demos.iter().filter(|demo| demo.part == *part).map(slide).collect();
        let Part { number, title } = part;
        format!(
            "      <section>\n        <h2><a href=\"#part-{number}\">{number} {title}</a></h2>\n        <ol>\n{slides}        \
             </ol>\n      </section>\n"
        )
    };
    parts_of(demos).map(part).collect::<String>().trim_end().to_owned()
}

/// The parts, each once, in the lecture's order.
fn parts_of(demos: &[Demo]) -> impl Iterator<Item = &Part> {
    demos
        .iter()
        .enumerate()
        .filter(|&(at, demo)| at == 0 || demos[at - 1].part != demo.part)
        .map(|(_, demo)| &demo.part)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A demo with one figure and one read-out.
    pub(crate) fn demo(part: u8, name: &str) -> Demo {
        let readout = Readout {
            name: "kl".into(),
            label: "\\(k\\)".into(),
            unit: "nats".into(),
            role: Some("kl".into()),
            exact: true,
        };
        Demo {
            name: name.into(),
            part: Part { number: part, title: format!("Part {part}") },
            slide: format!("{part}.1"),
            title: "A slide".into(),
            readouts: vec![readout],
            figures: vec!["curve".into()],
        }
    }

    #[test]
    fn read_outs_are_written_from_the_facts() {
        let mut problems = Vec::new();
        let page = "<canvas data-figure=\"curve\"></canvas><dl class=\"readouts\"></dl>";
        let html = demo(1, "a").with_readouts(page, &mut problems);
        assert_eq!(problems, Vec::<String>::new());
        let entry = "<div class=\"role-kl exact\"><dt>\\(k\\)</dt><dd><output data-readout=\"kl\"></output> \
                     <span class=\"unit\">nats</span></dd></div>";
        assert!(html.contains(entry), "{html}");
    }

    #[test]
    fn a_name_that_nobody_declared_is_a_problem() {
        let mut problems = Vec::new();
        demo(1, "a-b")
            .with_readouts("<canvas data-figure=\"curv\"></canvas><output data-readout=\"x\">", &mut problems);
        let words = problems.join("\n");
        for expected in
            ["a_b/page.html: ", "no figure “curv”", "“curve” has no canvas", "“x”", "once, where the read-outs go"]
        {
            assert!(words.contains(expected), "{expected} is not in {words}");
        }
    }

    #[test]
    fn the_contents_name_every_part_once() {
        let demos = [demo(1, "a"), demo(1, "b"), demo(2, "c")];
        assert_eq!(parts(&demos).matches("<a ").count(), 2);
        let contents = contents(&demos);
        assert_eq!((contents.matches("<section>").count(), contents.matches("<li>").count()), (2, 3));
        assert!(contents.contains("<a href=\"#slide-2-1\"><span>2.1</span> A slide</a>"), "{contents}");
    }
}
