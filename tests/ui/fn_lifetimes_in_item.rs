//! Compiler errors about the lifetimes of a function in an annotated item point at the function.

use instrumental::{instrument, traced};
use std::future::Future;
use std::pin::Pin;

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

struct Store {
    rows: Vec<String>,
}

#[traced]
impl Store {
    fn looked_at<'a>(&'a self, other: &str) -> Result<&'a str, String> {
        Ok(other)
    }

    fn returned_early<'a>(&'a self, other: &str) -> Result<&'a str, String> {
        if other.is_empty() {
            return Err(String::new());
        }
        Ok(other)
    }

    fn in_place<'a>(&'a self, other: &str) -> &'a str {
        other
    }

    fn of_a_local(&self) -> Result<&str, String> {
        let text = String::new();
        Ok(&text)
    }

    fn shared(&self) -> Result<(), String> {
        self.rows.clear();
        Ok(())
    }

    fn future(&self) -> impl Future<Output = usize> + 'static {
        async move { self.rows.len() }
    }

    async fn waiting(&self) -> Result<&'static str, String> {
        Ok(&self.rows[0])
    }

    fn boxed(&self) -> BoxFuture<'static, usize> {
        Box::pin(async move { self.rows.len() })
    }
}

#[traced]
trait Named {
    fn name<'a>(&'a self, other: &str) -> Option<Result<&'a str, String>> {
        Some(Ok(other))
    }
}

#[instrument(skip_all)]
impl Store {
    fn instrumented(&self) -> BoxFuture<'static, usize> {
        Box::pin(async move { self.rows.len() })
    }

    fn borrowed<'a>(&'a self, other: &str) -> BoxFuture<'a, usize> {
        Box::pin(async move { other.len() })
    }
}

#[traced]
mod inner {
    pub fn first<'a>(one: &'a str, _: &str, other: &str) -> Result<&'a str, String> {
        println!("{one}");
        Ok(other)
    }
}

fn main() {}
