//! Writes functions of every shape, each plain and annotated. The output depends only on the seed.

mod attributes;
mod bodies;
mod case;
mod choose;
mod errors;
mod flavours;
mod hosts;
mod item;
mod params;
mod project;
mod returns;
mod rng;
mod twin;
mod warned;

pub use project::{Project, write, write_warned};

use case::Case;
use rng::Rng;
use std::collections::HashSet;

/// The number of random candidates for each shape.
const CANDIDATES: usize = 24;

/// Chooses `count` shapes. Each is the candidate with the most new combinations of two tags.
fn cases(seed: u64, count: usize) -> Vec<Case> {
    let mut rng = Rng::new(seed);
    let mut known: HashSet<(String, String)> = HashSet::new();
    let mut all = Vec::with_capacity(count);
    while all.len() < count {
        let candidates = (0..CANDIDATES).map(|_| choose::case(&mut rng));
        let new = |case: &Case| {
            combined(case)
                .iter()
                .filter(|pair| !known.contains(*pair))
                .count()
        };
        let Some(best) = candidates.max_by_key(new) else {
            break;
        };
        known.extend(combined(&best));
        all.push(best);
    }
    all
}

/// All pairs of tags of a shape.
fn combined(case: &Case) -> Vec<(String, String)> {
    let mut tags = case.tags();
    tags.sort_unstable();
    tags.dedup();
    let later = |(n, one): (usize, &String)| {
        let one = one.clone();
        tags[n + 1..]
            .iter()
            .map(move |other| (one.clone(), other.clone()))
            .collect::<Vec<_>>()
    };
    tags.iter().enumerate().flat_map(later).collect()
}
