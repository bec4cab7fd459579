//! Compiles tables into a pack: used by the build script for the embedded pack and at run time for imported ones.

pub mod format;
pub mod tables;
pub mod writer;
