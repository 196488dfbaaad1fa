//! Conversions that several parts of the manifest share.

use instrumental_manifest::Place;

pub(super) fn place(file: &str, line: u32, module: &str) -> Place {
    Place {
        file: within_package(file).to_owned(),
        line,
        module: module.to_owned(),
    }
}

/// Returns the path of a source file relative to its package. The path of a dependency starts with the folder in which
/// this machine keeps it, which is private and differs from machine to machine.
pub(super) fn within_package(file: &str) -> &str {
    if !std::path::Path::new(file).is_absolute() {
        return file;
    }
    let package = file.rfind("/src/").map_or("", |at| &file[..at]);
    let before = package.rfind('/').map_or(0, |at| at + 1);
    &file[before..]
}

pub(super) fn owned<T: AsRef<str>>(texts: &[T]) -> Vec<String> {
    let texts = texts.iter().map(|text| text.as_ref().to_owned());
    texts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_dependencies_start_with_their_package() {
        for (file, shown) in [
            ("src/pay.rs", "src/pay.rs"),
            (
                "/home/a/.cargo/registry/src/index-1/shop-1.2.3/src/a/b.rs",
                "shop-1.2.3/src/a/b.rs",
            ),
            ("/b.rs", "/b.rs"),
        ] {
            assert_eq!(within_package(file), shown);
        }
    }
}
