//! Reads the imports of a crate and finds those that point up and files that import each other.
//!
//! Every path of a crate's source counts: in `use` trees, in code, and in the tokens of macros and of `macro_rules!`
//! bodies. A path is resolved to the file that defines what it names, so a re-export hides nothing. The rules:
//!
//! - A module of a floor imports nothing of a floor above it ([`floors`]).
//! - The imports between files form no cycle ([`cycles`]). A parent may use its children, or the children their parent,
//!   not both: what both need goes into a file of its own.
//! - `mod` lines and re-exports of a module's own descendants are no imports. Every other re-export is one.
//! - Code of `#[cfg(test)]` may use the floors above; it still forms no cycle.

mod cargo;
mod graph;
mod imports;
mod paths;
mod resolve;
mod tree;
mod uses;

pub use cargo::{Target, targets, workspace};
pub use graph::{FLOORS, cycles, floors, upward};
pub use imports::{Import, imports};
pub use tree::{Sources, Tree};
