//! Whose turn it is: endpoints in a circle, inside tenants in a circle.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// A queue in which every tenant, and every endpoint within it, gets one turn a round.
///
/// A tenant with a thousand endpoints gets no more turns than one with a single endpoint.
pub(crate) struct Ring<T, E> {
    tenants: VecDeque<T>,
    endpoints: HashMap<T, VecDeque<E>>,
}

impl<T: Clone + Eq + Hash, E> Ring<T, E> {
    pub(crate) fn new() -> Self {
        Self { tenants: VecDeque::new(), endpoints: HashMap::new() }
    }

    /// Puts an endpoint at the end of its tenant's circle.
    pub(crate) fn push(&mut self, tenant: &T, endpoint: E) {
        let endpoints = self.endpoints.entry(tenant.clone()).or_default();
        if endpoints.is_empty() {
            self.tenants.push_back(tenant.clone());
        }
        endpoints.push_back(endpoint);
    }

    /// Takes the endpoint whose turn it is; the tenant's next turn comes after all the others'.
    pub(crate) fn pop(&mut self) -> Option<E> {
        let tenant = self.tenants.pop_front()?;
        let endpoints = self.endpoints.get_mut(&tenant)?;
        let endpoint = endpoints.pop_front();
        if endpoints.is_empty() {
            self.endpoints.remove(&tenant);
        } else {
            self.tenants.push_back(tenant);
        }
        endpoint
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.tenants.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenants_take_turns_and_so_do_their_endpoints() {
        let mut ring = Ring::new();
        for (tenant, endpoint) in [("a", 1), ("a", 2), ("a", 3), ("b", 10), ("c", 20), ("c", 21)] {
            ring.push(&tenant, endpoint);
        }
        let order: Vec<_> = std::iter::from_fn(|| ring.pop()).collect();
        assert_eq!(order, [1, 10, 20, 2, 21, 3]);
        assert!(ring.is_empty() && ring.endpoints.is_empty());
        ring.push(&"b", 11);
        assert_eq!(ring.pop(), Some(11));
    }
}
