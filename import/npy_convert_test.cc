// SPDX-License-Identifier: Apache-2.0
#include "import/npy_convert.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <numeric>

namespace q_implant {
namespace {

using ::testing::ElementsAre;

template <typename T>
std::vector<T> As(const std::vector<uint8_t>& bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

absl::Span<const uint8_t> BytesOf(const std::vector<uint64_t>& values) {
  return {reinterpret_cast<const uint8_t*>(values.data()), values.size() * sizeof(uint64_t)};
}

// The element at `index` of an array is its position in Fortran order. Compares every element of
// the C order array with that, found without any of the tested arithmetic.
template <typename T>
void CheckReorder(const std::vector<int64_t>& shape) {
  size_t count = 1;
  for (int64_t dim : shape) count *= static_cast<size_t>(dim);
  std::vector<T> fortran(count);
  std::iota(fortran.begin(), fortran.end(), T{0});
  const absl::Span<const uint8_t> data(reinterpret_cast<const uint8_t*>(fortran.data()),
                                       count * sizeof(T));
  const std::vector<T> c = As<T>(FortranToC(data, sizeof(T), shape));
  ASSERT_EQ(c.size(), count);
  for (size_t i = 0; i < count; ++i) {
    size_t rest = i, position = 0, stride = count;
    for (size_t axis = shape.size(); axis-- > 0;) {
      stride /= static_cast<size_t>(shape[axis]);
      position += rest % static_cast<size_t>(shape[axis]) * stride;
      rest /= static_cast<size_t>(shape[axis]);
    }
    ASSERT_EQ(c[i], static_cast<T>(position)) << "at " << i;
  }
}

TEST(NpyConvertTest, BringsEveryRankAndSizeIntoCOrder) {
  CheckReorder<uint8_t>({2, 3});
  CheckReorder<uint16_t>({70, 33});
  CheckReorder<uint32_t>({2, 3, 4});
  CheckReorder<uint64_t>({3, 1, 5, 2});
  CheckReorder<uint32_t>({2, 3, 4, 5, 6});
  CheckReorder<uint32_t>({1, 3, 1, 4});
  CheckReorder<uint32_t>({5});
  CheckReorder<uint32_t>({});
}

TEST(NpyConvertTest, AnEmptyArrayStaysEmpty) {
  EXPECT_TRUE(FortranToC({}, 4, {0, 3}).empty());
  EXPECT_TRUE(FortranToC({}, 4, {2, 0, 3}).empty());
}

TEST(NpyConvertTest, OrderMattersForTwoAxes) {
  EXPECT_FALSE(OrderMatters({}));
  EXPECT_FALSE(OrderMatters({3}));
  EXPECT_FALSE(OrderMatters({1, 3, 1}));
  EXPECT_TRUE(OrderMatters({2, 1, 3}));
}

TEST(NpyConvertTest, SwapsBytes) {
  const std::vector<uint64_t> values = {0x0102030405060708u};
  EXPECT_THAT(As<uint64_t>(SwapBytes(BytesOf(values), 8)), ElementsAre(0x0807060504030201u));
  EXPECT_THAT(As<uint64_t>(SwapBytes(BytesOf(values), 4)), ElementsAre(0x0403020108070605u));
  EXPECT_THAT(As<uint64_t>(SwapBytes(BytesOf(values), 2)), ElementsAre(0x0201040306050807u));
}

}  // namespace
}  // namespace q_implant
