//! Gives the shared library its name, so that programs find it under the installed one.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") {
        // the interface may change between minor versions until 1.0
        let part = |p: &str| std::env::var(format!("CARGO_PKG_VERSION_{p}")).unwrap_or_default();
        println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libkaruta.so.{}.{}", part("MAJOR"), part("MINOR"));
    }
}
