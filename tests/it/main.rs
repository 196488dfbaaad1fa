//! The behavior of `instrumental` as its users see it.

// Users write `pub` also in crates that export nothing.
#![allow(unreachable_pub)]

mod bulk;
mod calls;
mod catalog;
mod catalog_check;
mod console;
mod console_trees;
mod context;
mod declared_types;
mod entered_spans;
mod error_kinds;
mod error_lifetimes;
mod errors;
mod events;
mod extensions;
mod function_costs;
mod function_shapes;
mod grpc;
mod hostile_values;
mod http;
mod http_client;
mod instrument;
mod label;
mod log_files;
mod loopback;
mod names;
mod on_failure;
mod on_failure_elsewhere;
mod outcome;
mod return_types;
mod same_meaning;
mod shapes;
mod strange_places;
mod testing;
