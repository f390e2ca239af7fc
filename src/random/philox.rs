//! Philox4x32-10: four random words from a counter and a key.
//!
//! Chosen because it has no state: a counter names the number, so blocks, threads and
//! shards need no bookkeeping, and ten rounds of multiply and xor vectorise on every
//! instruction set. It is not for secrets. Read next: [`super::Stream`].

const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
/// Added to the key each round: the golden ratio and √3 − 1, as 32-bit fractions.
const KEY_STEPS: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
/// Seven already pass the `BigCrush` battery; ten is the authors' recommendation.
const ROUNDS: usize = 10;

/// Four words for a counter, under a key.
///
/// ```text
/// (c0, c1, c2, c3) ← (hi(M1·c2) ⊕ c1 ⊕ k0,  lo(M1·c2),  hi(M0·c0) ⊕ c3 ⊕ k1,  lo(M0·c0))
/// (k0, k1)         ← (k0 + W0, k1 + W1)                                ten times over
/// ```
/// where `M` are the multipliers and `W` the key steps above.
///
/// **Shapes** one counter to four words, a bijection for every key. **Units** none.
/// **Errors** none.
/// **Source** Salmon, Moraes, Dror, Shaw (2011), Parallel random numbers: as easy as
/// 1, 2, 3, SC'11, §4.3.
/// **Checked by** the known answers of the authors' library, below.
#[inline(always)]
#[expect(clippy::inline_always, reason = "a kernel vectorises only what it inlines")]
#[expect(clippy::cast_possible_truncation, reason = "the low word is what is meant")]
pub fn philox4x32_10(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    wide_philox4x32_10(counter.map(u64::from), key).map(|word| word as u32)
}

/// The same on 64-bit lanes, of which only the low words count: those of the answer are
/// the four words, what stands above them is to be masked off.
///
/// A vector unit multiplies 32-bit words that lie in 64-bit lanes. Words left there need
/// no packing and unpacking between the rounds: six instructions a round.
#[inline(always)]
#[expect(clippy::inline_always, reason = "a kernel vectorises only what it inlines")]
pub(super) fn wide_philox4x32_10(counter: [u64; 4], key: [u32; 2]) -> [u64; 4] {
    let [mut c0, mut c1, mut c2, mut c3] = counter;
    let [mut k0, mut k1] = key;
    for _ in 0..ROUNDS {
        let product0 = u64::from(MULTIPLIERS[0]) * (c0 & LOW_WORD);
        let product1 = u64::from(MULTIPLIERS[1]) * (c2 & LOW_WORD);
        c0 = (product1 >> 32) ^ c1 ^ u64::from(k0);
        c1 = product1;
        c2 = (product0 >> 32) ^ c3 ^ u64::from(k1);
        c3 = product0;
        k0 = k0.wrapping_add(KEY_STEPS[0]);
        k1 = k1.wrapping_add(KEY_STEPS[1]);
    }
    [c0, c1, c2, c3]
}

/// The low word of a 64-bit lane.
pub(super) const LOW_WORD: u64 = 0xFFFF_FFFF;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn philox_gives_the_known_answers_of_its_authors() {
        // Random123, tests/kat_vectors, the lines `philox4x32 10`.
        let answers: [([u32; 4], [u32; 2], [u32; 4]); 3] = [
            ([0; 4], [0; 2], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
            (
                [u32::MAX; 4],
                [u32::MAX; 2],
                [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd],
            ),
            (
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xa409_3822, 0x299f_31d0],
                [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
            ),
        ];
        for (counter, key, wanted) in answers {
            assert_eq!(philox4x32_10(counter, key), wanted);
        }
    }
}
