//! Which pages of bins a sketch holds, and where.
//!
//! A page is 256 bins, an octave's worth. Only pages that a value touched exist, so a
//! sketch of prices costs ten or twenty of them and one outlier costs one. The storage
//! itself belongs to the sketch: this file says at which position of it a bin lies.

/// Bins of a page.
pub(super) const PAGE: usize = 256;

/// Beyond all storage, whatever is added to find a bin within its page.
pub(super) const ABSENT: u32 = u32::MAX;

/// The directory from bins to positions in storage.
#[derive(Debug, Clone, Default)]
pub(super) struct Pages {
    /// The number of the page that `starts` begins with.
    first: i32,
    /// The number after that of the last page of `starts`.
    end: i32,
    /// Where each page starts in storage.
    starts: Vec<u32>,
    /// Pages that exist.
    held: u32,
}

impl Pages {
    /// The directory to look bins up in.
    #[inline]
    pub(super) fn directory(&self) -> Directory<'_> {
        Directory { first: self.first, starts: &self.starts }
    }

    /// The position of `bin`, its page made if need be; storage must then be grown to
    /// [`Self::positions`].
    #[cold]
    pub(super) fn open(&mut self, bin: i32) -> usize {
        let page = bin >> 8;
        if self.starts.is_empty() {
            (self.first, self.end) = (page, page);
        }
        if page < self.first {
            let missing = (self.first - page).unsigned_abs() as usize;
            self.starts.splice(0..0, std::iter::repeat_n(ABSENT, missing));
            self.first = page;
        }
        let index = (page - self.first).unsigned_abs() as usize;
        if page >= self.end {
            self.starts.resize(index + 1, ABSENT);
            self.end = page + 1;
        }
        if self.starts[index] == ABSENT {
            self.starts[index] = self.held * 256;
            self.held += 1;
        }
        self.starts[index] as usize + within(bin)
    }

    /// Positions that storage must have.
    pub(super) fn positions(&self) -> usize {
        self.held as usize * PAGE
    }

    /// The first bin and the first position of each page, by rising values.
    pub(super) fn in_order(&self) -> impl DoubleEndedIterator<Item = (i32, usize)> + '_ {
        (self.first..self.end)
            .zip(&self.starts)
            .filter(|&(_, &start)| start != ABSENT)
            .map(|(page, &start)| (page * 256, start as usize))
    }
}

/// The pages as they are now, for looking up many bins.
#[derive(Clone, Copy)]
pub(super) struct Directory<'a> {
    first: i32,
    starts: &'a [u32],
}

impl Directory<'_> {
    /// The position of `bin`; beyond all storage if its page does not exist, so that one
    /// check of the bounds serves both.
    #[inline]
    pub(super) fn position(self, bin: i32) -> usize {
        let page = (bin >> 8).wrapping_sub(self.first).cast_unsigned();
        let start = self.starts.get(page as usize).copied().unwrap_or(ABSENT);
        start as usize | within(bin)
    }
}

#[inline]
fn within(bin: i32) -> usize {
    (bin & 255).cast_unsigned() as usize
}

#[cfg(test)]
mod tests {
    use super::Pages;

    #[test]
    fn only_pages_that_were_opened_take_storage() {
        let mut pages = Pages::default();
        for bin in [5, 300_000, -7, 6, -300_000] {
            pages.open(bin);
        }
        assert_eq!(pages.positions(), 4 * 256);
        assert_eq!(pages.directory().position(5), 5);
        assert_eq!(pages.directory().position(-7), 2 * 256 + 249);
        assert!(pages.directory().position(1000) >= pages.positions());
        assert!(pages.in_order().is_sorted());
        assert_eq!(pages.in_order().count(), 4);
    }

    #[test]
    fn an_empty_directory_points_beyond_all_storage() {
        for bin in [0, i32::MAX, i32::MIN] {
            let position = Pages::default().directory().position(bin);
            assert_eq!(position, u32::MAX as usize);
        }
    }
}
