//! Lists, some items at a time.

use crate::error::{Code, Error, Result};

/// Some of the items of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page<Item, Cursor> {
    /// The items.
    pub items: Vec<Item>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<Cursor>,
}

impl<Item, Cursor> Page<Item, Cursor> {
    /// The first `limit` of the items that `read` finds when it looks for one more: that one tells whether there is
    /// another page.
    pub(crate) fn read(
        limit: usize,
        cursor: impl FnOnce(&Item) -> Cursor,
        read: impl FnOnce(usize) -> Result<Vec<Item>>,
    ) -> Result<Self> {
        if limit == 0 {
            return Err(Error::new(Code::InvalidArgument, "The limit of a page is at least 1."));
        }
        let mut items = read(limit.saturating_add(1))?;
        let is_last = items.len() <= limit;
        items.truncate(limit);
        let next = items.last().filter(|_| !is_last).map(cursor);
        Ok(Self { items, next })
    }

    /// The same page of something else.
    pub(crate) fn try_map<Other>(
        self,
        map: impl FnMut(Item) -> Result<Other>,
    ) -> Result<Page<Other, Cursor>> {
        let items: Result<_> = self.items.into_iter().map(map).collect();
        Ok(Page { items: items?, next: self.next })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(of: u32, limit: usize) -> Result<Page<u32, u32>> {
        Page::read(limit, |item| *item, |limit| Ok((1..=of).take(limit).collect()))
    }

    #[test]
    fn tells_whether_there_is_another() {
        assert_eq!(page(3, 2).unwrap(), Page { items: vec![1, 2], next: Some(2) });
        assert_eq!(page(2, 2).unwrap(), Page { items: vec![1, 2], next: None });
        assert_eq!(page(0, 2).unwrap(), Page { items: vec![], next: None });
        assert_eq!(page(2, usize::MAX).unwrap(), Page { items: vec![1, 2], next: None });
        assert_eq!(page(2, 0).unwrap_err().code(), Code::InvalidArgument);
    }
}
