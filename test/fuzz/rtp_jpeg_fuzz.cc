#include "rtp_fuzz_support.h"

using namespace framewell;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzInput input(data, size);
  PayloadFormat format;
  format.codec = AV_CODEC_ID_MJPEG;
  if (input.Byte() & 1) {
    format.jpeg_width = input.U16();
    format.jpeg_height = input.U16();
  }
  DepacketizerFuzz(format).Run(input);
  return 0;
}
