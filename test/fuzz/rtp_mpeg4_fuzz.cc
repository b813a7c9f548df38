#include "rtp_fuzz_support.h"

using namespace framewell;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzInput input(data, size);
  PayloadFormat format;
  format.codec = AV_CODEC_ID_MPEG4;
  format.mpeg4_config = input.Bytes(input.Byte());
  DepacketizerFuzz(format).Run(input);
  return 0;
}
