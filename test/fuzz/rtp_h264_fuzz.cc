#include "rtp_fuzz_support.h"

using namespace framewell;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  PayloadFormat format;
  format.codec = AV_CODEC_ID_H264;
  DepacketizerFuzz(format).Run({data, size});
  return 0;
}
