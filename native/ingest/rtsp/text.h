// The few ways in which RTSP, SDP and their headers are taken apart. Case is that of ASCII alone.
#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace framewell {

bool EqualsIgnoreCase(std::string_view a, std::string_view b);
bool StartsWithIgnoreCase(std::string_view text, std::string_view prefix);

std::string LowerCase(std::string_view text);
std::string UpperCase(std::string_view text);

// Without blanks and line ends at both ends.
std::string_view Trim(std::string_view text);

// What stands before the first `separator` and what after it; all and nothing when there is none.
std::pair<std::string_view, std::string_view> SplitFirst(std::string_view text, char separator);

// Takes what stands before the next `separator` off the front of `rest`, and the separator with it.
std::string_view TakeUntil(std::string_view& rest, char separator);
// The same for a line, which ends in LF or CR LF.
std::string_view TakeLine(std::string_view& rest);

// `text`, trimmed, as a whole number. Nothing when it is empty, has anything else in it or does not fit.
template <std::unsigned_integral T>
std::optional<T> ParseUnsigned(std::string_view text, int base = 10) {
  text = Trim(text);
  T value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace framewell
