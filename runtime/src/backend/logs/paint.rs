//! Colors of terminal output.

/// Writes color codes around text if colors are on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paint {
    pub(super) on: bool,
}

/// The parameters of "select graphic rendition" (ECMA-48, 8.3.117).
#[derive(Clone, Copy, Debug)]
pub(super) enum Color {
    Red = 31,
    Green = 32,
    Yellow = 33,
    Blue = 34,
    Bold = 1,
    Dim = 2,
}

impl Paint {
    /// Writes `text` in a color. It is not escaped, so it must not contain untrusted input.
    pub(super) fn text(self, out: &mut String, color: Color, text: &str) {
        self.with(out, color, |out| out.push_str(text));
    }

    /// Writes the output of `write` in a color.
    pub(super) fn with(self, out: &mut String, color: Color, write: impl FnOnce(&mut String)) {
        if self.on {
            out.push_str(match color {
                Color::Red => "\x1b[31m",
                Color::Green => "\x1b[32m",
                Color::Yellow => "\x1b[33m",
                Color::Blue => "\x1b[34m",
                Color::Bold => "\x1b[1m",
                Color::Dim => "\x1b[2m",
            });
        }
        write(out);
        if self.on {
            out.push_str("\x1b[0m");
        }
    }

    /// Writes a level, padded to five characters.
    pub(super) fn level(self, out: &mut String, level: tracing::Level) {
        let (color, text) = match level {
            tracing::Level::ERROR => (Color::Red, "ERROR"),
            tracing::Level::WARN => (Color::Yellow, " WARN"),
            tracing::Level::INFO => (Color::Green, " INFO"),
            tracing::Level::DEBUG => (Color::Blue, "DEBUG"),
            tracing::Level::TRACE => (Color::Dim, "TRACE"),
        };
        self.text(out, color, text);
    }
}
