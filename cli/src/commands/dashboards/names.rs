//! English for names: `payment.released` belongs with `payments`, and is called "Payments released".

/// What an event says of the thing it is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Verb {
    /// It came to be.
    Begins,
    /// It went the way it was meant to.
    Succeeds,
    /// It did not.
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

/// What a rate of them is called: acceptance rate.
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

/// What the last word of a name says; nothing where it is no word that is known.
pub(super) fn verb(word: &str) -> Option<Verb> {
    let kinds = [
        (BEGINS, Verb::Begins),
        (SUCCEEDS, Verb::Succeeds),
        (FAILS, Verb::Fails),
    ];
    let kind = kinds.iter().find(|(words, _)| words.contains(&word));
    kind.map(|(_, verb)| *verb)
}

/// `accepted`: `acceptance`. A word that is not known stays as it is.
pub(super) fn noun_of(verb: &str) -> &str {
    let known = NOUNS.iter().find(|(word, _)| *word == verb);
    known.map_or(verb, |(_, noun)| noun)
}

/// `payments`: `payment`. Names that are no English words come out as they went in, or without their last `s`; all that
/// matters is that one thing has one.
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

/// `payment`: `payments`.
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

/// Names that are said letter by letter.
const LETTERS: &[&str] = &[
    "api", "cpu", "db", "http", "id", "io", "sms", "sql", "ui", "url",
];

/// `db.response_time`: "DB response time".
pub(super) fn title(name: &str) -> String {
    let words = name.split(['.', '_', ' ']).filter(|word| !word.is_empty());
    let spelt = words.enumerate().map(|(at, word)| {
        let mut characters = word.chars();
        match characters.next() {
            Some(_) if LETTERS.contains(&word) => word.to_uppercase(),
            Some(first) if at == 0 => first.to_uppercase().chain(characters).collect(),
            _ => word.to_owned(),
        }
    });
    spelt.collect::<Vec<_>>().join(" ")
}

/// The first segment of a dotted name and the rest.
pub(super) fn split(name: &str) -> (&str, &str) {
    name.split_once('.').unwrap_or((name, ""))
}

/// The last segment of a dotted name.
pub(super) fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// What a name is about, in one spelling: `payment` of `payments.processing` and of `payment.released`.
pub(super) fn group(name: &str) -> String {
    singular(split(name).0)
}

/// `payment.released`: "Payments released"; `db.pool_usage`: "DB pool usage".
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
    fn one_thing_has_one_spelling() {
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
    fn events_read_as_a_person_would_say_them() {
        assert_eq!(happening("payment.released"), "Payments released");
        assert_eq!(happening("bids.submitted"), "Bids submitted");
        assert_eq!(happening("auth.failures"), "Auth failures");
        assert_eq!(happening("db.pool_usage"), "DB pool usage");
        assert_eq!(noun_of("accepted"), "acceptance");
    }

    #[test]
    fn no_word_says_two_things() {
        let mut all: Vec<_> = [BEGINS, SUCCEEDS, FAILS].concat();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
