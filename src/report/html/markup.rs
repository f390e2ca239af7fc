//! Text that is safe in a page by its type.
//!
//! Markup comes from this program's source alone (`&'static str`) or from the charts,
//! which escape their own texts; everything else goes through [`Markup::text`]. There is
//! no other way to write, so a plan's title can be no tag, whatever it says.

use std::fmt::Write as _;

use crate::report::chart::Drawn;

/// A page in the making.
#[derive(Debug, Default)]
pub(super) struct Markup(String);

impl Markup {
    /// Markup as it stands in the source.
    pub(super) fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Words, whatever they are.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                c if c.is_control() && c != '\n' && c != '\t' => self.0.push(' '),
                c => self.0.push(c),
            }
        }
        self
    }

    /// Words with names between backticks, which are set bold.
    pub(super) fn sentence(&mut self, text: &str) -> &mut Self {
        for (place, part) in text.split('`').enumerate() {
            if place % 2 == 0 {
                self.text(part);
            } else {
                self.raw("<strong>").text(part).raw("</strong>");
            }
        }
        self
    }

    /// Words between a tag's two ends, such as `<p>` and `</p>`.
    pub(super) fn within(
        &mut self,
        open: &'static str,
        text: &str,
        close: &'static str,
    ) -> &mut Self {
        self.raw(open).text(text).raw(close)
    }

    /// A chart, which escapes its own texts.
    pub(super) fn chart(&mut self, chart: &Drawn) -> &mut Self {
        self.0.push_str(&chart.svg);
        self
    }

    /// Style or script that this program composed of its own constants.
    pub(super) fn ours(text: String) -> Self {
        Self(text)
    }

    /// What another page part has written.
    pub(super) fn part(&mut self, part: &Self) -> &mut Self {
        self.0.push_str(&part.0);
        self
    }

    /// A value for the script: JSON that no page can take for a tag.
    pub(super) fn json(&mut self, value: &serde_json::Value) -> &mut Self {
        let json = value.to_string().replace('<', "\\u003c").replace('>', "\\u003e");
        self.0.push_str(&json.replace('&', "\\u0026"));
        self
    }

    /// A number with so many decimals, for an attribute.
    pub(super) fn number(&mut self, x: f64, decimals: usize) -> &mut Self {
        let x = if x.is_finite() { x } else { 0.0 };
        let written = write!(self.0, "{x:.decimals$}");
        debug_assert!(written.is_ok(), "bug: writing into memory failed");
        self
    }

    /// The page.
    pub(super) fn into_string(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Markup)) -> String {
        let mut markup = Markup::default();
        write(&mut markup);
        markup.into_string()
    }

    #[test]
    fn nothing_that_is_not_ours_becomes_a_tag() {
        let bad = "</script><script>alert('1')</script>\"&\u{0}";
        let text = written(|m| {
            m.text(bad);
        });
        assert_eq!(
            text,
            "&lt;/script&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp; "
        );
        let json = written(|m| {
            m.json(&serde_json::json!([bad]));
        });
        assert!(!json.contains('<') && !json.contains('>') && !json.contains('&'));
        assert_eq!(serde_json::from_str::<[String; 1]>(&json).unwrap()[0], bad);
    }

    #[test]
    fn names_between_backticks_are_bold_and_still_text() {
        let text = written(|m| {
            m.sentence("Cheapest: `<b>`, $2 less than `rent`.");
        });
        assert_eq!(
            text,
            "Cheapest: <strong>&lt;b&gt;</strong>, $2 less than <strong>rent</strong>."
        );
    }
}
