//! The command `karuta`.

use std::process::ExitCode;

fn main() -> ExitCode {
    karuta::cli::run()
}
