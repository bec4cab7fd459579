//! IPADIC 2.7.0, embedded at build time for the tokenizer of `karuta`.
//!
//! The build script takes the compiled dictionary that the published crate `lindera-ipadic` 0.3.1
//! carries, writes its entries out and rebuilds them in the current format of lindera, so that a
//! build needs nothing but the crate registry. `NOTICE.txt` is IPADIC's own licence notice.
//!
//! ```
//! let dictionary = karuta_ipadic::embedded::load().unwrap();
//! assert_eq!(dictionary.metadata.name, "ipadic");
//! ```

#[allow(missing_docs)]
pub mod embedded {
    //! The loader that `lindera_dictionary` generates over the embedded bytes.
    lindera_dictionary::embedded_dictionary!("/lindera-ipadic", EmbeddedIpadicLoader);
}
