// SPDX-License-Identifier: Apache-2.0
#include "pass/numbers/constant_data.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ir/float16.h"

namespace q_implant {
namespace {

using circle::TensorType_INT16;
using circle::TensorType_INT32;
using circle::TensorType_INT4;
using circle::TensorType_INT64;
using circle::TensorType_INT8;
using circle::TensorType_UINT4;
using circle::TensorType_UINT8;
using testing::ElementsAre;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

template <typename T>
std::vector<uint8_t> BytesOf(const std::vector<T>& values) {
  std::vector<uint8_t> bytes(values.size() * sizeof(T));
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

template <typename T>
std::vector<T> ValuesOf(const Bytes& bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

QuantParams PerTensor(circle::TensorType dtype, float scale, int64_t zero_point) {
  return {.dtype = dtype, .scale = {scale}, .zero_point = {zero_point}};
}

template <typename T>
std::vector<T> Quantized(const std::vector<float>& floats, const QuantParams& params,
                         WeightsRange range = WeightsRange::kFull,
                         std::vector<int32_t> shape = {}) {
  if (shape.empty()) shape = {static_cast<int32_t>(floats.size())};
  const auto result = QuantizeFloats(BytesOf(floats), shape, params, range);
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? ValuesOf<T>(result->data) : std::vector<T>();
}

// --- QuantizeFloats ---

TEST(QuantizeFloatsTest, TiesGoToEven) {
  EXPECT_THAT(
      Quantized<int8_t>({0.5f, 1.5f, 2.5f, -0.5f, -1.5f, -2.5f}, PerTensor(TensorType_INT8, 1, 0)),
      ElementsAre(0, 2, 2, 0, -2, -2));
}

// rint(0.5) + 3 is 3; rint(0.5 + 3) would be 4.
TEST(QuantizeFloatsTest, TheZeroPointIsAddedToTheRoundedQuotient) {
  EXPECT_THAT(Quantized<int8_t>({0.5f, 1.5f}, PerTensor(TensorType_INT8, 1, 3)), ElementsAre(3, 5));
}

// In float32 each quotient is a tie; float64 would give 2.50000009, 3.4999999 and 7.49999997.
TEST(QuantizeFloatsTest, DividesInFloat32) {
  EXPECT_THAT(Quantized<int8_t>({0.05f}, PerTensor(TensorType_INT8, 0.02f, 0)), ElementsAre(2));
  EXPECT_THAT(Quantized<int8_t>({0.35f}, PerTensor(TensorType_INT8, 0.1f, 0)), ElementsAre(4));
  EXPECT_THAT(Quantized<int8_t>({0.45f}, PerTensor(TensorType_INT8, 0.06f, 0)), ElementsAre(8));
}

TEST(QuantizeFloatsTest, ClampsAndCounts) {
  const std::vector<float> floats = {-129, -128, -127, 0, 127, 128, 1e30f};
  const auto result =
      QuantizeFloats(BytesOf(floats), {7}, PerTensor(TensorType_INT8, 1, 0), WeightsRange::kFull);
  ASSERT_TRUE(result.ok());
  EXPECT_THAT(ValuesOf<int8_t>(result->data), ElementsAre(-128, -128, -127, 0, 127, 127, 127));
  EXPECT_EQ(result->saturated, 3u);
}

TEST(QuantizeFloatsTest, ClampsAfterTheZeroPoint) {
  EXPECT_THAT(Quantized<uint8_t>({-1, 0, 250, 251, 256}, PerTensor(TensorType_UINT8, 1, 5)),
              ElementsAre(4, 5, 255, 255, 255));
}

TEST(QuantizeFloatsTest, TheNarrowRangeLeavesOutTheLeastInteger) {
  EXPECT_THAT(
      Quantized<int8_t>({-200, -128, 200}, PerTensor(TensorType_INT8, 1, 0), WeightsRange::kNarrow),
      ElementsAre(-127, -127, 127));
  EXPECT_THAT(
      Quantized<int16_t>({-40000, 40000}, PerTensor(TensorType_INT16, 1, 0), WeightsRange::kNarrow),
      ElementsAre(-32767, 32767));
  EXPECT_THAT(Quantized<uint8_t>({-9, 9}, PerTensor(TensorType_INT4, 1, 0), WeightsRange::kNarrow),
              ElementsAre(0x79));
}

TEST(QuantizeFloatsTest, ChannelsAlongEveryAxis) {
  QuantParams params = {.dtype = TensorType_INT8, .scale = {1, 2}, .zero_point = {0, 10}};
  const std::vector<float> eights(8, 8.0f);
  const auto along = [&](int32_t axis) {
    params.quantized_dimension = axis;
    return Quantized<int8_t>(eights, params, WeightsRange::kFull, {2, 2, 2});
  };
  EXPECT_THAT(along(0), ElementsAre(8, 8, 8, 8, 14, 14, 14, 14));
  EXPECT_THAT(along(1), ElementsAre(8, 8, 14, 14, 8, 8, 14, 14));
  EXPECT_THAT(along(2), ElementsAre(8, 14, 8, 14, 8, 14, 8, 14));
}

TEST(QuantizeFloatsTest, FourBitsArePackedLowHalfFirst) {
  EXPECT_THAT(Quantized<uint8_t>({1, -2, 7}, PerTensor(TensorType_INT4, 1, 0)),
              ElementsAre(0xe1, 0x07));
  EXPECT_THAT(Quantized<uint8_t>({-8, -9}, PerTensor(TensorType_INT4, 1, 0)), ElementsAre(0x88));
  EXPECT_THAT(Quantized<uint8_t>({15, 0, 9}, PerTensor(TensorType_UINT4, 1, 0)),
              ElementsAre(0x0f, 0x09));
}

TEST(QuantizeFloatsTest, WideTypes) {
  EXPECT_THAT(Quantized<int32_t>({3e9f, -3e9f, 65536}, PerTensor(TensorType_INT32, 1, 0)),
              ElementsAre(2147483647, -2147483647 - 1, 65536));
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  EXPECT_THAT(Quantized<int64_t>({1e19f, -1e19f, 0x1p62f}, PerTensor(TensorType_INT64, 1, 0)),
              ElementsAre(kMax, kMin, int64_t{1} << 62));
}

// The sum of quotient and zero point leaves 64 bits, or comes back into them.
TEST(QuantizeFloatsTest, SumsBeyond64Bits) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  EXPECT_THAT(Quantized<int64_t>({0x1p61f, 0x1p62f, 1}, PerTensor(TensorType_INT64, 1, kMax)),
              ElementsAre(kMax, kMax, kMax));
  EXPECT_THAT(Quantized<int64_t>({0x1p63f, -1}, PerTensor(TensorType_INT64, 1, kMin)),
              ElementsAre(0, kMin));
  EXPECT_THAT(Quantized<int64_t>({0x1p62f}, PerTensor(TensorType_INT64, 1, 1)),
              ElementsAre((int64_t{1} << 62) + 1));
}

TEST(QuantizeFloatsTest, InfinitiesAreTheExtremeIntegers) {
  EXPECT_THAT(Quantized<int8_t>({kInfinity, -kInfinity}, PerTensor(TensorType_INT8, 0.5f, 3)),
              ElementsAre(127, -128));
  EXPECT_THAT(Quantized<uint8_t>({kInfinity, -kInfinity}, PerTensor(TensorType_UINT8, 0.5f, 3)),
              ElementsAre(255, 0));
  EXPECT_THAT(
      Quantized<int64_t>({kInfinity, -kInfinity}, PerTensor(TensorType_INT64, 0.5f, 0)),
      ElementsAre(std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::min()));
}

// The quotient leaves float32.
TEST(QuantizeFloatsTest, TinyScales) {
  EXPECT_THAT(Quantized<int8_t>({1e30f, -1e30f, 0}, PerTensor(TensorType_INT8, 1e-38f, 0)),
              ElementsAre(127, -128, 0));
}

TEST(QuantizeFloatsTest, NamesTheFirstNaN) {
  const std::vector<float> floats = {1, 2, 3, kNaN, 4, kNaN};
  QuantParams params = {.dtype = TensorType_INT8, .scale = {1, 2}, .zero_point = {0, 0}};
  const auto result = QuantizeFloats(BytesOf(floats), {2, 3}, params, WeightsRange::kFull);
  EXPECT_EQ(result.status(), absl::InvalidArgumentError("NaN at element 3"));
}

TEST(QuantizeFloatsTest, NoElements) {
  EXPECT_THAT(Quantized<int8_t>({}, PerTensor(TensorType_INT8, 1, 0)), ElementsAre());
}

TEST(QuantizeFloatsTest, TakesBytesOfAnyAlignment) {
  std::vector<uint8_t> bytes = BytesOf(std::vector<float>{1, 2});
  bytes.insert(bytes.begin(), 0);
  const auto result = QuantizeFloats(absl::MakeConstSpan(bytes).subspan(1), {2},
                                     PerTensor(TensorType_INT8, 1, 0), WeightsRange::kFull);
  ASSERT_TRUE(result.ok());
  EXPECT_THAT(ValuesOf<int8_t>(result->data), ElementsAre(1, 2));
}

// --- DequantizeToFloats ---

TEST(DequantizeToFloatsTest, ScalesWhatIsAboveTheZeroPoint) {
  EXPECT_THAT(ValuesOf<float>(DequantizeToFloats(BytesOf(std::vector<int8_t>{-128, 3, 127}), {3},
                                                 PerTensor(TensorType_INT8, 0.5f, 3))),
              ElementsAre(-65.5f, 0.0f, 62.0f));
}

TEST(DequantizeToFloatsTest, UnpacksFourBits) {
  EXPECT_THAT(
      ValuesOf<float>(DequantizeToFloats({0xe1, 0x08}, {3}, PerTensor(TensorType_INT4, 0.5f, 0))),
      ElementsAre(0.5f, -1.0f, -4.0f));
  EXPECT_THAT(
      ValuesOf<float>(DequantizeToFloats({0xe1, 0x08}, {3}, PerTensor(TensorType_UINT4, 0.5f, 1))),
      ElementsAre(0.0f, 6.5f, 3.5f));
}

TEST(DequantizeToFloatsTest, PerChannel) {
  const QuantParams params = {.dtype = TensorType_INT32,
                              .scale = {0.5f, 2},
                              .zero_point = {0, 1},
                              .quantized_dimension = 1};
  EXPECT_THAT(ValuesOf<float>(DequantizeToFloats(BytesOf(std::vector<int32_t>{4, 4, -70000, 1}),
                                                 {2, 2}, params)),
              ElementsAre(2.0f, 6.0f, -35000.0f, 0.0f));
}

// The difference is not rounded to float32 on the way: 16777217 does not fit.
TEST(DequantizeToFloatsTest, RoundsOnce) {
  EXPECT_THAT(ValuesOf<float>(DequantizeToFloats(BytesOf(std::vector<int32_t>{16777217}), {1},
                                                 PerTensor(TensorType_INT32, 3, 0))),
              ElementsAre(50331652.0f));  // 50331651 to the nearest of 4; 16777216 * 3 = 50331648
}

// --- less data than the shape has elements ---

TEST(ConstantDataTest, ReadsNoFurtherThanTheDataGoes) {
  const QuantParams four_bit = PerTensor(TensorType_INT4, 0.5f, 0);
  const QuantParams wide = PerTensor(TensorType_INT16, 0.5f, 0);
  const std::vector<int32_t> shape = {1 << 20, 1 << 10};
  EXPECT_EQ(DequantizeToFloats({}, shape, wide).size(), 0u);
  EXPECT_EQ(DequantizeToFloats({}, shape, four_bit).size(), 0u);
  EXPECT_THAT(ValuesOf<float>(DequantizeToFloats({2, 0, 9}, shape, wide)), ElementsAre(1.0f));
  EXPECT_THAT(ValuesOf<float>(DequantizeToFloats({0x21}, shape, four_bit)),
              ElementsAre(0.5f, 1.0f));
  EXPECT_THAT(ValuesOf<int16_t>(Requantize({0x21}, shape, four_bit, wide).data), ElementsAre(1, 2));
  EXPECT_EQ(Requantize({}, shape, wide, four_bit).data.size(), 0u);
  EXPECT_THAT(UnpackNibbles({0x21}, 1000, false), ElementsAre(1, 2));
  EXPECT_THAT(UnpackNibbles({}, 1000, true), ElementsAre());
}

TEST(ConstantDataTest, ReadsNoFurtherThanTheDataGoesPerChannel) {
  const auto params = [](int32_t axis) {
    return QuantParams{.dtype = TensorType_INT8,
                       .scale = {1, 2},
                       .zero_point = {0, 0},
                       .quantized_dimension = axis};
  };
  EXPECT_THAT(ValuesOf<float>(DequantizeToFloats({1, 1, 1}, {2, 2}, params(0))),
              ElementsAre(1.0f, 1.0f, 2.0f));
  EXPECT_THAT(ValuesOf<float>(DequantizeToFloats({1, 1, 1}, {2, 2}, params(1))),
              ElementsAre(1.0f, 2.0f, 1.0f));
  const std::vector<float> floats = {1, 2, 4};
  EXPECT_THAT(ValuesOf<int8_t>(
                  QuantizeFloats(BytesOf(floats), {2, 2}, params(0), WeightsRange::kFull)->data),
              ElementsAre(1, 2, 2));
  EXPECT_THAT(ValuesOf<float>(DequantizeToFloats({1, 1}, {2}, params(7))), ElementsAre(0.0f, 0.0f))
      << "no such axis";
}

// --- Requantize ---

TEST(RequantizeTest, KeepsTheRealValues) {
  const QuantizedData result =
      Requantize(BytesOf(std::vector<int8_t>{3, -5}), {2}, PerTensor(TensorType_INT8, 0.5f, 1),
                 PerTensor(TensorType_INT32, 0.125f, 0));
  EXPECT_THAT(ValuesOf<int32_t>(result.data), ElementsAre(8, -24));
  EXPECT_EQ(result.saturated, 0u);
}

TEST(RequantizeTest, TiesGoToEven) {
  EXPECT_THAT(ValuesOf<int8_t>(Requantize(BytesOf(std::vector<int8_t>{1, 3, -1, -3}), {4},
                                          PerTensor(TensorType_INT8, 0.5f, 0),
                                          PerTensor(TensorType_INT8, 1, 0))
                                   .data),
              ElementsAre(0, 2, 0, -2));
}

// float32 has no 123456789.
TEST(RequantizeTest, ComputesInDouble) {
  EXPECT_THAT(ValuesOf<int32_t>(Requantize(BytesOf(std::vector<int32_t>{123456789}), {1},
                                           PerTensor(TensorType_INT32, 0.1f, 0),
                                           PerTensor(TensorType_INT32, 0.05f, 0))
                                    .data),
              ElementsAre(246913578));
}

TEST(RequantizeTest, ClampsAndCounts) {
  const QuantizedData result =
      Requantize(BytesOf(std::vector<int16_t>{300, -300, 100}), {3},
                 PerTensor(TensorType_INT16, 1, 0), PerTensor(TensorType_UINT8, 1, 128));
  EXPECT_THAT(ValuesOf<uint8_t>(result.data), ElementsAre(255, 0, 228));
  EXPECT_EQ(result.saturated, 2u);
}

TEST(RequantizeTest, EachSideHasItsOwnChannelAxis) {
  const QuantParams from = {
      .dtype = TensorType_INT8, .scale = {1, 4}, .zero_point = {0, 0}, .quantized_dimension = 0};
  const QuantParams to = {
      .dtype = TensorType_INT8, .scale = {1, 2}, .zero_point = {0, 0}, .quantized_dimension = 1};
  EXPECT_THAT(
      ValuesOf<int8_t>(Requantize(BytesOf(std::vector<int8_t>{8, 8, 8, 8}), {2, 2}, from, to).data),
      ElementsAre(8, 4, 32, 16));
}

TEST(RequantizeTest, FourBits) {
  EXPECT_THAT(ValuesOf<uint8_t>(Requantize({0xe1, 0x07}, {3}, PerTensor(TensorType_INT4, 1, 0),
                                           PerTensor(TensorType_UINT4, 1, 8))
                                    .data),
              ElementsAre(0x69, 0x0f));
}

// --- the small ones ---

TEST(WidenFloat16Test, IsExact) {
  const std::vector<uint16_t> halves = {FloatToHalf(1), FloatToHalf(-65504), FloatToHalf(0x1p-24f)};
  EXPECT_THAT(ValuesOf<float>(WidenFloat16(BytesOf(halves))),
              ElementsAre(1.0f, -65504.0f, 0x1p-24f));
}

TEST(PackNibblesTest, TakesTheLowHalfOfEach) {
  EXPECT_THAT(ValuesOf<uint8_t>(PackNibbles({0xff, 0x07, 0x38})), ElementsAre(0x7f, 0x08));
  EXPECT_THAT(ValuesOf<uint8_t>(PackNibbles({})), ElementsAre());
}

TEST(FiniteRangeTest, HoldsZero) {
  float least = 9;
  float greatest = 9;
  EXPECT_TRUE(FiniteRange(BytesOf(std::vector<float>{2, 5, 3}), least, greatest));
  EXPECT_EQ(std::pair(least, greatest), std::pair(0.0f, 5.0f));
  EXPECT_TRUE(FiniteRange(BytesOf(std::vector<float>{-2, -5}), least, greatest));
  EXPECT_EQ(std::pair(least, greatest), std::pair(-5.0f, 0.0f));
  EXPECT_TRUE(FiniteRange({}, least, greatest));
  EXPECT_EQ(std::pair(least, greatest), std::pair(0.0f, 0.0f));
}

TEST(FiniteRangeTest, RefusesWhatIsNotFinite) {
  float least = 0;
  float greatest = 0;
  for (float value : {kInfinity, -kInfinity, kNaN}) {
    EXPECT_FALSE(FiniteRange(BytesOf(std::vector<float>{1, value}), least, greatest)) << value;
  }
}

}  // namespace
}  // namespace q_implant
