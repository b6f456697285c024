// SPDX-License-Identifier: Apache-2.0
#include "pass/extract/find_io_types.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace q_implant {
namespace {

using circle::TensorType_FLOAT32;
using circle::TensorType_INT32;
using circle::TensorType_INT8;
using circle::TensorType_UINT8;

std::string Found(const std::vector<FoundIoType>& edges) { return FindIoTypes(edges).ToString(); }

constexpr FoundIoType kInt8 = {0, TensorType_INT8, TensorType_INT8};
constexpr FoundIoType kInt8AsUint8 = {0, TensorType_UINT8, TensorType_INT8};
constexpr FoundIoType kInt8AsFloat = {0, TensorType_FLOAT32, TensorType_INT8};
constexpr FoundIoType kFloat = {0, TensorType_FLOAT32, {}};
constexpr FoundIoType kIds = {0, TensorType_INT32, {}};

TEST(FindIoTypesTest, AllAsAnnotated) {
  EXPECT_EQ(Found({}), "");
  EXPECT_EQ(Found({kInt8, kFloat, kIds}), "");
}

TEST(FindIoTypesTest, OneForAll) {
  EXPECT_EQ(Found({kInt8AsUint8, kIds, kInt8AsUint8}), "uint8");
  EXPECT_EQ(Found({kIds, kInt8AsFloat, kFloat}), "float32");
  EXPECT_EQ(Found({{0, TensorType_UINT8, TensorType_UINT8}, kInt8AsUint8}), "uint8");
}

TEST(FindIoTypesTest, AList) {
  EXPECT_EQ(Found({kInt8, kInt8AsUint8}), "int8,uint8");
  EXPECT_EQ(Found({kInt8, kIds, kInt8AsFloat}), "int8,int32,float32");
  EXPECT_EQ(Found({kInt8AsUint8, kFloat}), "uint8,float32");
  EXPECT_EQ(Found({kInt8AsUint8, kInt8AsFloat, {1, TensorType_INT8, TensorType_INT8}}),
            "uint8,float32");
}

}  // namespace
}  // namespace q_implant
