//! Reads the imports of a crate and finds upward imports and cycles between files.
//!
//! Every path in a crate's source counts: in `use` trees, in code, and in the tokens of macros and of `macro_rules!`
//! bodies. A path is resolved to the file that defines the item, so a re-export hides nothing. The rules:
//!
//! - A module imports nothing from a floor above its own ([`floors`]).
//! - The imports between files form no cycle ([`cycles`]). A parent may use its children, or the children their parent,
//!   but not both: shared code goes into a separate file.
//! - `mod` declarations and re-exports of a module's own descendants are not imports. Every other re-export is one.
//! - `#[cfg(test)]` code may import from floors above, but must not form a cycle.

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
