//! Removes the secrets of the environment from all output.

use crate::text::is_harmful;

/// Texts that must not be shown.
#[derive(Debug, Default)]
pub(crate) struct Secrets(Vec<String>);

/// Parts of the names of variables that contain secrets.
const NAMES: [&str; 9] = [
    "KEY",
    "TOKEN",
    "SECRET",
    "PASSW",
    "DSN",
    "HEADERS",
    "AUTH",
    "CREDENTIAL",
    "PRIVATE",
];
/// Words in names of fields, tags and attributes that most likely contain secrets.
const WORDS: [&str; 11] = [
    "password",
    "passwd",
    "secret",
    "token",
    "apikey",
    "authorization",
    "credential",
    "credentials",
    "dsn",
    "cookie",
    "passphrase",
];
/// Pairs of such words.
const PAIRS: [&str; 4] = ["api_key", "private_key", "access_key", "secret_key"];
/// Prefixes of well-known keys.
const KEYS: [&str; 8] = [
    "sk_live_", "sk_test_", "ghp_", "xoxb-", "AKIA", "eyJ", "Bearer ", "glpat-",
];
/// Words in the place of secrets that are none.
const NO_SECRETS: [&str; 6] = ["true", "false", "none", "Bearer", "Basic", "http"];
/// The minimum length of a secret.
const SHORTEST: usize = 4;
/// The maximum length of an output text.
const LONGEST: usize = 600;

impl Secrets {
    /// Collects the secrets of this process's environment, which the program inherits.
    pub(crate) fn of_environment() -> Self {
        let variables = std::env::vars_os();
        let text = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
        Self::of(variables.map(|(name, value)| (text(name), text(value))))
    }

    fn of(variables: impl Iterator<Item = (String, String)>) -> Self {
        let mut found = Vec::new();
        for (name, value) in variables {
            let upper = name.to_ascii_uppercase();
            found.extend(user_info(&value));
            if !NAMES.iter().any(|part| upper.contains(part)) {
                continue;
            }
            if upper.contains("HEADERS") {
                let pairs = value.split(',').filter_map(|pair| pair.split_once('='));
                for (_, value) in pairs {
                    let decoded = decoded(value.trim());
                    found.extend(decoded.split(' ').map(str::to_owned));
                    found.extend([value.trim().to_owned(), decoded]);
                }
            } else {
                found.push(value);
            }
        }
        found.retain(|secret| secret.len() >= SHORTEST && !NO_SECRETS.contains(&secret.as_str()));
        // The longest come first, so no part of a secret remains.
        found.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        found.dedup();
        Self(found)
    }

    /// Returns a text without secrets and control characters, on one line.
    pub(crate) fn hide(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.0 {
            text = text.replace(secret.as_str(), "…");
        }
        let text = without_user_info(&text);
        let plain = text.chars().map(|c| if is_harmful(c) { ' ' } else { c });
        let mut short: String = plain.take(LONGEST).collect();
        if text.chars().count() > LONGEST {
            short.push('…');
        }
        short
    }
}

/// Returns the users and passwords of the URLs in a text.
fn user_info(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for rest in text.split("://").skip(1) {
        let authority = rest
            .split(['/', '?', '#', ' ', ','])
            .next()
            .unwrap_or_default();
        if let Some((user, _)) = authority.rsplit_once('@') {
            found.push(user.to_owned());
            found.extend(user.split(':').map(str::to_owned));
        }
    }
    found
}

/// Returns a text with `…` for users, passwords and queries of its URLs.
fn without_user_info(text: &str) -> String {
    let mut parts = text.split("://");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for rest in parts {
        out.push_str("://");
        let end = rest.find([' ', ',', '`', '"']).unwrap_or(rest.len());
        let (url, after) = rest.split_at(end);
        let authority_end = url.find(['/', '?', '#']).unwrap_or(url.len());
        let (authority, path) = url.split_at(authority_end);
        match authority.rsplit_once('@') {
            Some((_, host)) => {
                out.push_str("…@");
                out.push_str(host);
            }
            None => out.push_str(authority),
        }
        match path.split_once('?') {
            Some((path, query)) if query.contains('=') => {
                out.push_str(path);
                out.push_str("?…");
            }
            _ => out.push_str(path),
        }
        out.push_str(after);
    }
    out
}

/// Decodes percent-encoding.
fn decoded(text: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let hex: Vec<u8> = bytes.clone().take(2).collect();
        let hex = std::str::from_utf8(&hex).ok().filter(|hex| hex.len() == 2);
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(value) if byte == b'%' => {
                out.push(value);
                bytes.nth(1);
            }
            _ => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Whether a field of this name most likely contains a secret.
pub(super) fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace(['.', '-'], "_");
    name.split('_').any(|word| WORDS.contains(&word))
        || PAIRS.iter().any(|pair| name.contains(pair))
}

/// Whether a value looks like a key.
pub(super) fn is_secret_value(value: &str) -> bool {
    KEYS.iter().any(|key| value.starts_with(key)) || !user_info(value).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g02_secrets_are_removed_from_a_text() {
        let variables = [
            ("SENTRY_DSN", "https://0123abcdkey:oldpart@o1.example/42"),
            ("DD_API_KEY", "dd-api-secret"),
            (
                "OTEL_EXPORTER_OTLP_HEADERS",
                "authorization=Bearer%20tok-1,x-key=tok-2",
            ),
            ("HTTPS_PROXY", "http://alice:pass-word@proxy:3128"),
            ("PATH", "/usr/bin"),
        ];
        let secrets = Secrets::of(
            variables
                .iter()
                .map(|(a, b)| ((*a).to_owned(), (*b).to_owned())),
        );
        let text = secrets.hide(
            "0123abcdkey oldpart dd-api-secret Bearer tok-1 tok-2 alice pass-word \
             http://else:where@host/a?key=hidden, /usr/bin \u{1b}[31m\nnext",
        );
        for secret in [
            "0123abcdkey",
            "oldpart",
            "dd-api-secret",
            "tok-1",
            "tok-2",
            "alice",
            "pass-word",
            "where",
            "hidden",
        ] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
        assert!(text.contains("http://…@host/a?…, /usr/bin"), "{text}");
        assert!(!text.contains(['\u{1b}', '\n']), "{text}");
    }

    #[test]
    fn names_and_values_of_secrets_are_recognized() {
        assert!(is_secret_name("Payment-Api.Key") && is_secret_name("user_password"));
        assert!(!is_secret_name("tokens_used"));
        assert!(!is_secret_name("contract_id"));
        assert!(is_secret_value("sk_live_1") && is_secret_value("postgres://a:b@c/d"));
        assert!(!is_secret_value("eu-west-1"));
    }
}
