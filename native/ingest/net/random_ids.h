// Numbers that nobody can foresee, for protocols that ask for them.
#pragma once

#include <cstdint>
#include <string>

namespace framewell {

// RFC 3550 section 8.
uint32_t RandomSsrc();
// RFC 7616 section 3.4: cnonce.
std::string RandomNonce();

}  // namespace framewell
