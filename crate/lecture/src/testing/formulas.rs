//! Every displayed formula of a slide against its second transcription, `formulas.py` in the demo's folder: the page's TeX is the one
//! that was transcribed, and the function that the demo uses has the value that the transcription's sides have.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::Value;

use math::elbo::LinearGaussian;
use math::mixture::Mixture;

use super::golden::{flat, near};

/// The formulas of a slide.
pub(crate) struct Formulas {
    entries: Vec<Value>,
    compared: RefCell<BTreeSet<String>>,
}

/// The random arguments of one case.
pub(crate) struct Given<'a>(&'a Value);

impl Given<'_> {
    /// A number.
    pub(crate) fn number(&self, name: &str) -> f64 {
        self.0[name].as_f64().unwrap_or_else(|| panic!("{name} is no number in {}", self.0))
    }

    /// A vector, or a matrix row by row.
    pub(crate) fn numbers(&self, name: &str) -> Vec<f64> {
        flat(&self.0[name])
    }

    /// The same as single-precision numbers.
    pub(crate) fn narrow(&self, name: &str) -> Vec<f32> {
        super::golden::narrow(&self.numbers(name))
    }

    /// The one-dimensional model of slide 1.3 with the prior N(0, 1), slope w and noise sigma_x.
    pub(crate) fn linear_gaussian(&self) -> LinearGaussian {
        let [weight, sigma_x] = ["w", "sigma_x"].map(|name| self.number(name));
        LinearGaussian { mu_p: 0.0, sigma_p: 1.0, weight, bias: 0.0, sigma_x }
    }

    /// The mixture of one-dimensional Gaussians mu, sigma.
    pub(crate) fn mixture(&self) -> Mixture {
        let log_var: Vec<f64> = self.numbers("sigma").into_iter().map(|sigma| 2.0 * sigma.ln()).collect();
        Mixture::new(&self.numbers("mu"), &log_var, 1)
    }
}

impl Formulas {
    /// The slide's formulas (`page.html`) held against the transcribed ones (`formulas.json`, what `formulas.py` printed).
    pub(crate) fn of(page: &str, transcribed: &str) -> Self {
        let entries: Vec<Value> = serde_json::from_str(transcribed).unwrap();
        let ours: Vec<String> = displayed(page).iter().map(|tex| plain(tex)).collect();
        let theirs: Vec<String> = entries.iter().map(|entry| plain(entry["tex"].as_str().unwrap())).collect();
        for tex in &ours {
            assert!(theirs.contains(tex), "not transcribed:\n{tex}\nof\n{}", theirs.join("\n"));
        }
        for tex in &theirs {
            assert!(ours.contains(tex), "transcribed, and not on the page:\n{tex}");
        }
        Self { entries, compared: RefCell::default() }
    }

    /// A function's value at the arguments of every case against the formula's, to `tolerance`·(1 + its size).
    pub(crate) fn compare(&self, name: &str, tolerance: f64, function: impl Fn(&Given) -> Vec<f64>) {
        for case in self.cases(name) {
            near(&function(&Given(&case["given"])), &case["value"], tolerance, name);
        }
    }

    /// The same where there is no function to call: a law that every case's value keeps.
    pub(crate) fn hold(&self, name: &str, law: impl Fn(&Given, Vec<f64>)) {
        for case in self.cases(name) {
            law(&Given(&case["given"]), flat(&case["value"]));
        }
    }

    fn cases(&self, name: &str) -> &[Value] {
        let entry = self.entries.iter().find(|entry| entry["name"].as_str() == Some(name));
        self.compared.borrow_mut().insert(name.to_owned());
        entry.unwrap_or_else(|| panic!("no formula {name}"))["cases"].as_array().unwrap()
    }

    /// Every formula that has a value was compared.
    pub(crate) fn all_compared(&self) {
        let named = self.entries.iter().filter_map(|entry| entry["name"].as_str());
        let missing: Vec<&str> = named.filter(|name| !self.compared.borrow().contains(*name)).collect();
        assert!(missing.is_empty(), "transcribed, and compared with nothing: {missing:?}");
    }
}

/// What stands between `\[` and `\]`.
fn displayed(page: &str) -> Vec<&str> {
    page.split("\\[").skip(1).map(|rest| rest.split("\\]").next().unwrap()).collect()
}

/// TeX without spaces, numbers of equations, names of steps and the page's own words: `\role{…}{x}` and `\term{…}{x}` are x.
fn plain(tex: &str) -> String {
    let mut text = tex.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    while let Some(at) = ["\\role{", "\\term{"].iter().filter_map(|word| text.find(word)).min() {
        let name = at + text[at..].find('}').unwrap() + 1;
        assert!(text[name..].starts_with('{'), "{text}");
        let end = name + closing(&text[name..]);
        text = format!("{}{}{}", &text[..at], &text[name + 1..end], &text[end + 1..]);
    }
    while let Some(at) = ["\\tag{", "\\step{"].iter().filter_map(|word| text.find(word)).min() {
        let end = at + text[at..].find('}').unwrap() + 1;
        text.replace_range(at..end, "");
    }
    text.chars().filter(|letter| !letter.is_whitespace()).collect()
}

/// Where the brace that opens a text is closed.
fn closing(text: &str) -> usize {
    let mut depth = 0;
    let bytes = text.as_bytes();
    for at in 0..bytes.len() {
        match bytes[at] {
            b'{' if at == 0 || bytes[at - 1] != b'\\' => depth += 1,
            b'}' if bytes[at - 1] != b'\\' => depth -= 1,
            _ => (),
        }
        if depth == 0 {
            return at;
        }
    }
    panic!("a brace is not closed: {text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_own_words_are_taken_away() {
        let tex = r"\term{elbo}{\role{elbo}{\mathrm{ELBO}}} = \frac{a}{\role{kl}{b}} \tag{5}";
        assert_eq!(
            plain(r"\begin{aligned} \step{a/b} c &= d \\ \step{a/e} &= f \end{aligned}"),
            r"\begin{aligned}c&=d\\&=f\end{aligned}"
        );
        assert_eq!(plain(tex), r"\mathrm{ELBO}=\frac{a}{b}");
        assert_eq!(displayed(r"<p>\[ a \]</p> \(b\) \[c\]"), [" a ", "c"]);
    }

    #[test]
    #[should_panic(expected = "not transcribed")]
    fn a_sign_is_seen() {
        Formulas::of(r"\[ a - b \]", r#"[{"tex": "a + b", "reason": "none"}]"#);
    }
}
