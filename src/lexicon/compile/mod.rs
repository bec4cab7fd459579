//! Compiles tables into a pack: used by the build script for the embedded pack and at run time for imported ones.

pub mod format;
mod icd;
mod names;
pub mod relations;
pub mod tables;
pub mod trie;
pub mod writer;
