//! stub format
pub fn usd(x: f64) -> String {
    let a = x.abs();
    let s = if x < 0.0 { "-" } else { "" };
    if a < 1e3 {
        format!("{s}${a:.2}")
    } else if a < 1e6 {
        format!("{s}${:.1}k", a / 1e3)
    } else if a < 1e9 {
        format!("{s}${:.2}M", a / 1e6)
    } else {
        format!("{s}${:.2}B", a / 1e9)
    }
}
pub fn percent(x: f64) -> String {
    format!("{:.1} %", x * 100.0)
}
pub fn count(x: f64) -> String {
    format!("{x:.0}")
}
