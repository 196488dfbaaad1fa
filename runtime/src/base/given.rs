//! Settings given in code, stored by type, so that the builder does not depend on backends.

use std::any::Any;
use std::fmt::Debug;
use std::sync::Arc;

/// Settings of one backend, given in code.
pub(crate) trait Setting: Any + Debug + Send + Sync {}

impl<S: Any + Debug + Send + Sync> Setting for S {}

/// Settings given in code, in the order given.
#[derive(Clone, Debug, Default)]
pub(crate) struct Given(Vec<Arc<dyn Setting>>);

impl Given {
    /// Sets the one setting of this type; a later call replaces an earlier one.
    pub(crate) fn set<S: Setting>(&mut self, setting: S) {
        self.0.retain(|known| as_a::<S>(known).is_none());
        self.add(setting);
    }

    /// Adds one of several settings of this type.
    pub(crate) fn add<S: Setting>(&mut self, setting: S) {
        self.0.push(Arc::new(setting));
    }

    /// Returns the setting of this type.
    pub(crate) fn get<S: Setting>(&self) -> Option<&S> {
        self.all().next()
    }

    /// Returns every setting of this type.
    pub(crate) fn all<S: Setting>(&self) -> impl Iterator<Item = &S> {
        self.0.iter().filter_map(as_a)
    }
}

fn as_a<S: Setting>(setting: &Arc<dyn Setting>) -> Option<&S> {
    let setting: &dyn Any = &**setting;
    setting.downcast_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Port(u16);
    #[derive(Debug)]
    struct Name(&'static str);

    #[test]
    fn a_setting_is_found_by_its_type_and_the_last_one_holds() {
        let mut given = Given::default();
        given.set(Port(1));
        given.set(Name("shop"));
        given.set(Port(2));
        assert_eq!(given.all::<Port>().count(), 1);
        assert_eq!(given.get::<Port>().map(|port| port.0), Some(2));
        assert_eq!(given.get::<Name>().map(|name| name.0), Some("shop"));
        given.add(Name("till"));
        let names: Vec<_> = given.all::<Name>().map(|name| name.0).collect();
        assert_eq!(names, ["shop", "till"]);
        assert!(given.get::<String>().is_none());
    }
}
