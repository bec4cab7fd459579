//! The command `karuta`.

use std::process::ExitCode;

// a fact is a handful of short strings: what hands out memory is asked for it some thirty times a fact
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    karuta::cli::run()
}
