//! Run a closure or future and assert on what it reported.
