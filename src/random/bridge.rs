//! Monthly normals whose sums over spans of months come from Sobol points.
//!
//! What a walk of many months costs is mostly where it ends, then where it is half-way,
//! and so on. A Brownian bridge draws in that order, and here its first levels come from
//! dimensions of Sobol points, which are best in the first ones; what happens within a
//! span comes from plain numbers. Read next: [`super::Dimension`].

use super::{Dimension, Monthly, Seed, Stream};
use crate::block::{LANES, Lane, splat};
use crate::kernel;

/// Monthly normal numbers of one name.
///
/// ```text
/// W(T) = √T g,   W(c) = (W(a)(b − c) + W(b)(c − a))/(b − a) + √((c − a)(b − c)/(b − a)) g
/// z_m = e_m + (W(b) − W(a) − Σe)/(b − a),   a < m ≤ b
/// ```
/// with `g` normals of Sobol points at the ends of 2^levels spans `(a, b]`, and `e` plain
/// ones. The rest of a span, `e` less its mean, is independent of its sum: so `z` has the
/// law of independent standard normals, exactly.
///
/// **Shapes** one number a path and month. **Units** standard deviations.
/// **Errors** none. **Source** Caflisch, Morokoff, Owen (1997), Valuation of
/// mortgage-backed securities using Brownian bridges to reduce effective dimension,
/// Journal of Computational Finance 1(1):27.
/// **Checked by** the covariances of the weights in closed form, below.
#[derive(Debug, Clone)]
pub struct Bridge {
    rest: Monthly,
    first_month: u32,
    /// Ends of the spans, in months after the first, from 0 on.
    ends: Vec<u32>,
    nodes: Vec<Node>,
    /// Where the walk is at each of `ends`.
    walk: Vec<Lane>,
    /// The normals of the months of a span, and which.
    months: Vec<Lane>,
    span: Option<usize>,
    first_path: u64,
}

/// A place of the walk that is drawn between two that are known.
#[derive(Debug, Clone)]
struct Node {
    /// Positions in `ends`.
    left: usize,
    at: usize,
    right: usize,
    of_left: f64,
    of_right: f64,
    deviation: f64,
    point: Dimension,
}

/// Levels that `months` can be halved to; each span keeps a month at least.
pub fn levels_of(months: u32) -> u32 {
    months.max(1).ilog2()
}

impl Bridge {
    /// The normals of `months` months from `first_month` on.
    ///
    /// `points` are the dimensions by level: one for the end, one for the middle, two for
    /// the quarters … 2^levels in all; at most [`levels_of`] levels count. Nothing
    /// without a month or a point.
    pub fn new(
        seed: Seed,
        name: &str,
        first_month: u32,
        months: u32,
        points: Vec<Dimension>,
    ) -> Option<Self> {
        let points_there = u32::try_from(points.len()).unwrap_or(u32::MAX);
        let levels = points_there.checked_ilog2()?.min(levels_of(months));
        if months == 0 {
            return None;
        }
        let spans = 1_u32 << levels;
        let end = |k: u32| u64::from(months) * u64::from(k) / u64::from(spans);
        let ends: Vec<u32> =
            (0..=spans).map(|k| u32::try_from(end(k)).unwrap_or(months)).collect();
        let nodes = places(&ends).into_iter().zip(points).map(|(node, point)| {
            let [left, at, right] = node;
            let [a, c, b] = node.map(|k| f64::from(ends[k]));
            let (of_left, of_right, deviation) = weights(a, c, b);
            Node { left, at, right, of_left, of_right, deviation, point }
        });
        let longest = ends.windows(2).map(|w| w[1] - w[0]).max().unwrap_or(0);
        Some(Self {
            rest: Monthly::new(seed, name),
            first_month,
            nodes: nodes.collect(),
            walk: vec![splat(0.0); ends.len()],
            months: vec![splat(0.0); longest as usize],
            ends,
            span: None,
            first_path: 0,
        })
    }

    /// Draws the walk of a block at the ends of all spans.
    pub fn begin(&mut self, first_path: u64) {
        self.first_path = first_path;
        self.span = None;
        let mut g = splat(0.0);
        for node in &self.nodes {
            node.point.normals(first_path, &mut g);
            scale(&mut g, node.deviation);
            if node.of_left > 0.0 {
                add_scaled(&mut g, &self.walk[node.left], node.of_left);
            }
            if node.of_right > 0.0 {
                add_scaled(&mut g, &self.walk[node.right], node.of_right);
            }
            self.walk[node.at] = g;
        }
    }

    /// Draws the normals of a month of the block, for [`Self::normal`]; none before the
    /// first month.
    pub fn draw(&mut self, month: u32) {
        if month < self.first_month {
            return;
        }
        let span = self.span_of(month);
        if self.span == Some(span) {
            return;
        }
        self.span = Some(span);
        let (a, b) = (self.ends[span], self.ends[span + 1]);
        let mut mean = splat(0.0);
        let one_over = 1.0 / f64::from(b - a);
        for (lane, month) in self.months.iter_mut().zip(a..b) {
            *lane = *self.rest.normal_at(self.first_path, self.first_month + month);
            add_scaled(&mut mean, lane, -one_over);
        }
        add_scaled(&mut mean, &self.walk[span + 1], one_over);
        add_scaled(&mut mean, &self.walk[span], -one_over);
        for lane in &mut self.months[..(b - a) as usize] {
            add_scaled(lane, &mean, 1.0);
        }
    }

    /// The normals drawn for a month by [`Self::draw`].
    pub fn normal(&self, month: u32) -> &Lane {
        let start = self.ends[self.span_of(month)];
        &self.months[(month - self.first_month - start) as usize]
    }

    fn span_of(&self, month: u32) -> usize {
        let month = month - self.first_month;
        self.ends.partition_point(|end| *end <= month).clamp(1, self.ends.len() - 1) - 1
    }
}

/// The places of a walk in the order they are drawn: left, itself, right; the walk is 0
/// at place 0.
fn places(ends: &[u32]) -> Vec<[usize; 3]> {
    let last = ends.len() - 1;
    let mut places = vec![[0, last, last]];
    let mut step = last;
    while step > 1 {
        places.extend((0..last).step_by(step).map(|k| [k, k + step / 2, k + step]));
        step /= 2;
    }
    places
}

/// Weights of the two neighbours at times `a` and `b`, and the deviation about them, at
/// time `c`; `c = b` for the end, which has none on the right.
fn weights(a: f64, c: f64, b: f64) -> (f64, f64, f64) {
    if c >= b {
        return (0.0, 0.0, (b - a).sqrt());
    }
    let whole = b - a;
    ((b - c) / whole, (c - a) / whole, ((c - a) * (b - c) / whole).sqrt())
}

kernel! {
    fn scale(out: &mut Lane, by: f64) {
        for i in 0..LANES {
            out[i] *= by;
        }
    }

    fn add_scaled(out: &mut Lane, a: &Lane, by: f64) {
        for i in 0..LANES {
            out[i] += by * a[i];
        }
    }
}

/// The stream that scrambles the points of a name.
pub fn scrambles(seed: Seed, name: &str) -> Stream {
    Stream::new(seed, &format!("{name}/sobol"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bridge(months: u32, spans: u32) -> Bridge {
        let stream = scrambles(Seed(3), "rent");
        let points = (0..spans).map(|d| Dimension::new(d, stream, d).unwrap()).collect();
        Bridge::new(Seed(3), "rent", 600, months, points).unwrap()
    }

    #[test]
    fn the_weights_give_the_covariance_of_a_walk_exactly() {
        for (months, spans) in [(1, 1), (7, 4), (60, 16), (64, 64), (121, 8), (5, 64)] {
            let bridge = bridge(months, spans);
            // Each place of the walk as a sum of the points' normals.
            let n = bridge.nodes.len();
            let mut rows = vec![vec![0.0; n]; bridge.ends.len()];
            for (k, node) in bridge.nodes.iter().enumerate() {
                let mut row = vec![0.0; n];
                for (j, x) in row.iter_mut().enumerate() {
                    *x = node.of_left * rows[node.left][j]
                        + node.of_right * rows[node.right][j];
                }
                row[k] += node.deviation;
                rows[node.at] = row;
            }
            for (s, a) in rows.iter().enumerate() {
                for (t, b) in rows.iter().enumerate() {
                    let found: f64 = a.iter().zip(b).map(|(x, y)| x * y).sum();
                    let wanted = f64::from(bridge.ends[s].min(bridge.ends[t]));
                    assert!((found - wanted).abs() < 1e-12 * f64::from(months));
                }
            }
        }
    }

    #[test]
    fn months_add_up_to_the_walk_and_are_independent_standard_normals() {
        let mut bridge = bridge(30, 4);
        let blocks = 16 * 8;
        let mut sums = vec![0.0; 30 * 30];
        for block in 0..blocks {
            bridge.begin(block * 256);
            let mut all = Vec::new();
            for month in 600..630 {
                bridge.draw(month);
                all.push(*bridge.normal(month));
            }
            for lane in 0..LANES {
                let total: f64 = all.iter().map(|z| z[lane]).sum();
                assert!((total - bridge.walk[4][lane]).abs() < 1e-12);
            }
            for (a, x) in all.iter().enumerate() {
                for (b, y) in all.iter().enumerate().take(a + 1) {
                    sums[a * 30 + b] += x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
                }
            }
        }
        // 465 comparisons at 5 standard errors of plain numbers, and points have less.
        let n = 256.0 * crate::units::count(usize::try_from(blocks).unwrap());
        for a in 0..30 {
            for b in 0..=a {
                let found = sums[a * 30 + b] / n;
                let (wanted, variance) = if a == b { (1.0, 2.0) } else { (0.0, 1.0_f64) };
                let allowed = 5.0 * (variance / n).sqrt();
                assert!((found - wanted).abs() < allowed, "{a}, {b}: {found}");
            }
        }
    }

    #[test]
    fn a_month_is_the_same_whatever_was_asked_before() {
        let (mut forward, mut jump) = (bridge(24, 8), bridge(24, 8));
        forward.begin(512);
        (600..620).for_each(|month| forward.draw(month));
        jump.begin(0);
        jump.draw(619);
        jump.begin(512);
        jump.draw(619);
        assert!(forward.normal(619).iter().eq(jump.normal(619)));
    }
}
