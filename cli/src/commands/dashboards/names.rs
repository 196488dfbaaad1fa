//! Titles from names: `payment.released` belongs to `payments`, and its title is "Payments released".

/// What the last word of an event means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Verb {
    /// The subject starts.
    Begins,
    /// The subject succeeds.
    Succeeds,
    /// The subject fails.
    Fails,
}

const BEGINS: &[&str] = &[
    "created",
    "posted",
    "submitted",
    "opened",
    "requested",
    "started",
    "placed",
    "initiated",
    "registered",
    "received",
    "queued",
    "scheduled",
    "held",
    "authorized",
    "attempted",
    "offered",
];

const SUCCEEDS: &[&str] = &[
    "completed",
    "released",
    "accepted",
    "succeeded",
    "finished",
    "delivered",
    "approved",
    "confirmed",
    "paid",
    "resolved",
    "shipped",
    "won",
    "fulfilled",
    "sent",
    "processed",
    "settled",
    "captured",
    "converted",
    "activated",
];

const FAILS: &[&str] = &[
    "failed",
    "rejected",
    "declined",
    "refused",
    "cancelled",
    "canceled",
    "expired",
    "lost",
    "abandoned",
    "bounced",
    "errored",
    "timed_out",
    "denied",
    "aborted",
];

/// Nouns for rates: acceptance rate.
const NOUNS: &[(&str, &str)] = &[
    ("completed", "completion"),
    ("released", "release"),
    ("accepted", "acceptance"),
    ("delivered", "delivery"),
    ("approved", "approval"),
    ("confirmed", "confirmation"),
    ("resolved", "resolution"),
    ("fulfilled", "fulfilment"),
    ("settled", "settlement"),
    ("captured", "capture"),
    ("converted", "conversion"),
    ("activated", "activation"),
    ("succeeded", "success"),
    ("paid", "payment"),
    ("won", "win"),
];

/// Returns the meaning of the last word of a name, if it is known.
pub(super) fn verb(word: &str) -> Option<Verb> {
    let kinds = [
        (BEGINS, Verb::Begins),
        (SUCCEEDS, Verb::Succeeds),
        (FAILS, Verb::Fails),
    ];
    let kind = kinds.iter().find(|(words, _)| words.contains(&word));
    kind.map(|(_, verb)| *verb)
}

/// Returns `acceptance` for `accepted`. Unknown words are unchanged.
pub(super) fn noun_of(verb: &str) -> &str {
    let known = NOUNS.iter().find(|(word, _)| *word == verb);
    known.map_or(verb, |(_, noun)| noun)
}

/// Returns `payment` for `payments`. The result may not be an English word, but both forms of a name have the same one.
pub(super) fn singular(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() > 1) {
        return format!("{stem}y");
    }
    for hissing in ["sses", "xes", "ches", "shes"] {
        if word.ends_with(hissing) {
            return word[..word.len() - 2].to_owned();
        }
    }
    let keeps = ["ss", "us", "is"].iter().any(|end| word.ends_with(end));
    match word.strip_suffix('s') {
        Some(stem) if !keeps && stem.len() > 1 => stem.to_owned(),
        _ => word.to_owned(),
    }
}

/// Returns `payments` for `payment`.
pub(super) fn plural(word: &str) -> String {
    if singular(word) != word {
        return word.to_owned();
    }
    let consonant_y = word
        .strip_suffix('y')
        .filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u']));
    if let Some(stem) = consonant_y {
        return format!("{stem}ies");
    }
    let hissing = ["s", "x", "ch", "sh"].iter().any(|end| word.ends_with(end));
    format!("{word}{}", if hissing { "es" } else { "s" })
}

/// Acronyms.
const LETTERS: &[&str] = &[
    "api", "cpu", "db", "http", "id", "io", "sms", "sql", "ui", "url",
];

/// Returns "DB response time" for `db.response_time`.
pub(super) fn title(name: &str) -> String {
    let words = name.split(['.', '_', ' ']).filter(|word| !word.is_empty());
    let capitalized = words.enumerate().map(|(at, word)| {
        let mut characters = word.chars();
        match characters.next() {
            Some(_) if LETTERS.contains(&word) => word.to_uppercase(),
            Some(first) if at == 0 => first.to_uppercase().chain(characters).collect(),
            _ => word.to_owned(),
        }
    });
    capitalized.collect::<Vec<_>>().join(" ")
}

/// Splits a dotted name after its first segment.
pub(super) fn split(name: &str) -> (&str, &str) {
    name.split_once('.').unwrap_or((name, ""))
}

/// Returns the last segment of a dotted name.
pub(super) fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// Returns the subject of a name in the singular: `payment` for `payments.processing` and `payment.released`.
pub(super) fn group(name: &str) -> String {
    singular(split(name).0)
}

/// Returns "Payments released" for `payment.released`, and "DB pool usage" for `db.pool_usage`.
pub(super) fn happening(name: &str) -> String {
    let (thing, what) = split(name);
    match verb(last(what)) {
        Some(_) => title(&format!("{} {what}", plural(thing))),
        None => title(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn singular_and_plural_agree() {
        let pairs = [
            ("payments", "payment"),
            ("categories", "category"),
            ("boxes", "box"),
            ("matches", "match"),
            ("addresses", "address"),
            ("status", "status"),
            ("s", "s"),
            ("db", "db"),
        ];
        for (several, one) in pairs {
            assert_eq!(singular(several), one);
            assert_eq!(singular(one), one);
        }
        for (one, several) in [
            ("bid", "bids"),
            ("bids", "bids"),
            ("category", "categories"),
            ("box", "boxes"),
            ("day", "days"),
        ] {
            assert_eq!(plural(one), several);
        }
    }

    #[test]
    fn titles_of_events_are_readable() {
        assert_eq!(happening("payment.released"), "Payments released");
        assert_eq!(happening("bids.submitted"), "Bids submitted");
        assert_eq!(happening("auth.failures"), "Auth failures");
        assert_eq!(happening("db.pool_usage"), "DB pool usage");
        assert_eq!(noun_of("accepted"), "acceptance");
    }

    #[test]
    fn no_word_has_two_meanings() {
        let mut all: Vec<_> = [BEGINS, SUCCEEDS, FAILS].concat();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
