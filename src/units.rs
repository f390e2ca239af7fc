//! Quantities with a unit, and the only conversion factors.
//!
//! Keys in files and fields of profiles carry their unit in the name; between rooms a
//! quantity travels as one of these types, so that adding watts to hours does not
//! compile. Inner loops work on plain `f64` arrays with a suffixed name and enter and
//! leave that ring inside one function. Read next: [`crate::input`].

use std::fmt;

/// Hours in a year (365 days), the convention of the published calculators.
pub const HOURS_PER_YEAR: f64 = 8760.0;
/// Months in a year.
pub const MONTHS_PER_YEAR: f64 = 12.0;
/// Hours in a month: a twelfth of a year of 8,760 hours.
pub const HOURS_PER_MONTH: f64 = HOURS_PER_YEAR / MONTHS_PER_YEAR;
/// Days in a month, on the same convention.
pub const DAYS_PER_MONTH: f64 = HOURS_PER_MONTH / 24.0;
/// Seconds in an hour.
pub const SECONDS_PER_HOUR: f64 = 3600.0;
/// Tokens in one Mtok.
pub const TOKENS_PER_MTOK: f64 = 1e6;

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident, $symbol:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
        pub struct $name(f64);

        impl $name {
            #[doc = concat!("A value in ", $symbol, ".")]
            pub const fn new(value: f64) -> Self {
                Self(value)
            }
            #[doc = concat!("The plain number, in ", $symbol, ".")]
            pub const fn value(self) -> f64 {
                self.0
            }
        }
        impl std::ops::Add for $name {
            type Output = Self;
            fn add(self, other: Self) -> Self {
                Self(self.0 + other.0)
            }
        }
        impl std::ops::Sub for $name {
            type Output = Self;
            fn sub(self, other: Self) -> Self {
                Self(self.0 - other.0)
            }
        }
        impl std::ops::Mul<f64> for $name {
            type Output = Self;
            fn mul(self, by: f64) -> Self {
                Self(self.0 * by)
            }
        }
        impl std::ops::Div<f64> for $name {
            type Output = Self;
            fn div(self, by: f64) -> Self {
                Self(self.0 / by)
            }
        }
        impl std::ops::Div for $name {
            type Output = f64;
            fn div(self, other: Self) -> f64 {
                self.0 / other.0
            }
        }
        impl std::iter::Sum for $name {
            fn sum<I: Iterator<Item = Self>>(items: I) -> Self {
                items.fold(Self(0.0), |a, b| a + b)
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match f.precision() {
                    Some(digits) => write!(f, "{:.*} {}", digits, self.0, $symbol),
                    None => write!(f, "{} {}", self.0, $symbol),
                }
            }
        }
    };
}

macro_rules! product {
    ($($a:ident * $b:ident = $c:ident;)*) => {$(
        impl std::ops::Mul<$b> for $a {
            type Output = $c;
            fn mul(self, other: $b) -> $c {
                $c::new(self.value() * other.value())
            }
        }
        impl std::ops::Div<$b> for $c {
            type Output = $a;
            fn div(self, other: $b) -> $a {
                $a::new(self.value() / other.value())
            }
        }
    )*};
}

quantity!(
    /// Power.
    Watts, "W");
quantity!(
    /// Energy.
    KilowattHours, "kWh");
quantity!(
    /// Money: nominal US dollars.
    Usd, "USD");
quantity!(
    /// Price of energy.
    UsdPerKilowattHour, "USD/kWh");
quantity!(
    /// Time.
    Hours, "h");
quantity!(
    /// Time.
    Seconds, "s");
quantity!(
    /// Floating-point operations.
    Flop, "FLOP");
quantity!(
    /// Floating-point operations a second.
    FlopPerSecond, "FLOP/s");
quantity!(
    /// Amount of memory.
    Bytes, "B");
quantity!(
    /// Rate of memory or network traffic.
    BytesPerSecond, "B/s");
quantity!(
    /// Tokens.
    Tokens, "tokens");
quantity!(
    /// Rate of tokens.
    TokensPerSecond, "tokens/s");

product! {
    FlopPerSecond * Seconds = Flop;
    BytesPerSecond * Seconds = Bytes;
    TokensPerSecond * Seconds = Tokens;
    UsdPerKilowattHour * KilowattHours = Usd;
}

impl Watts {
    /// Energy drawn in the given time.
    pub fn over(self, time: Hours) -> KilowattHours {
        KilowattHours::new(self.0 / 1000.0 * time.0)
    }
    /// In kilowatts.
    pub fn kilowatts(self) -> f64 {
        self.0 / 1000.0
    }
}

impl Hours {
    /// The same time in seconds.
    pub fn seconds(self) -> Seconds {
        Seconds::new(self.0 * SECONDS_PER_HOUR)
    }
}

impl FlopPerSecond {
    /// From teraFLOP/s (10¹²).
    pub fn from_tera(value: f64) -> Self {
        Self(value * 1e12)
    }
    /// In teraFLOP/s (10¹²).
    pub fn tera(self) -> f64 {
        self.0 / 1e12
    }
}

impl Bytes {
    /// From gigabytes (10⁹ bytes).
    pub fn from_gb(value: f64) -> Self {
        Self(value * 1e9)
    }
    /// From gibibytes (2³⁰ bytes).
    pub fn from_gib(value: f64) -> Self {
        Self(value * f64::from(1_u32 << 30))
    }
    /// In gigabytes (10⁹ bytes).
    pub fn gb(self) -> f64 {
        self.0 / 1e9
    }
    /// In gibibytes (2³⁰ bytes).
    pub fn gib(self) -> f64 {
        self.0 / f64::from(1_u32 << 30)
    }
}

impl BytesPerSecond {
    /// From gigabytes (10⁹ bytes) a second.
    pub fn from_gb(value: f64) -> Self {
        Self(value * 1e9)
    }
    /// From gigabits (10⁹ bits) a second.
    pub fn from_gbit(value: f64) -> Self {
        Self(value * 1e9 / 8.0)
    }
}

/// A count as a number to calculate with; exact below 2⁵³.
#[expect(clippy::cast_precision_loss, reason = "the one place where counts become f64")]
pub fn count(n: usize) -> f64 {
    n as f64
}

/// The nearest whole number of months to a span; one that is longer than a thousand years is
/// that long.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to what a count of months can hold"
)]
pub fn whole_months(months: f64) -> u32 {
    months.round().clamp(0.0, 12_000.0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kilowatt_for_a_month_is_730_kilowatt_hours() {
        let energy = Watts::new(1000.0).over(Hours::new(HOURS_PER_MONTH));
        assert_eq!(energy, KilowattHours::new(730.0));
    }

    #[test]
    fn gib_and_gb_differ_by_seven_percent() {
        let gib = Bytes::from_gib(80.0);
        assert!((gib.gb() - 85.899).abs() < 1e-3);
        assert!((gib.gib() - 80.0).abs() < 1e-12);
    }

    #[test]
    fn a_network_quoted_in_bits_is_an_eighth_in_bytes() {
        assert_eq!(BytesPerSecond::from_gbit(400.0), BytesPerSecond::from_gb(50.0));
    }

    #[test]
    fn units_print_themselves() {
        assert_eq!(format!("{:.1}", Watts::new(700.0)), "700.0 W");
        assert_eq!(FlopPerSecond::from_tera(989.5).to_string(), "989500000000000 FLOP/s");
    }
}
