//! What the tests of `instrumental` share.
