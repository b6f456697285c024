// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/plan/io_types.h"

#include "gtest/gtest.h"

namespace q_implant {
namespace {

using circle::TensorType_BOOL;
using circle::TensorType_FLOAT32;
using circle::TensorType_INT32;
using circle::TensorType_UINT8;

std::string ErrorOf(absl::string_view words) {
  const absl::StatusOr<IoTypes> types = IoTypes::Parse(words);
  return types.ok() ? "" : std::string(types.status().message());
}

TEST(IoTypesTest, NoneMeansAsAnnotated) {
  EXPECT_TRUE(IoTypes().as_annotated());
  EXPECT_FALSE(IoTypes().one_for_all());
  EXPECT_EQ(IoTypes().ToString(), "");
}

TEST(IoTypesTest, OneWordIsForAll) {
  for (circle::TensorType type : IoTypeChoices()) {
    const IoTypes one({type});
    EXPECT_TRUE(one.one_for_all());
    EXPECT_FALSE(one.as_annotated());
    EXPECT_EQ(*IoTypes::Parse(one.ToString()), one) << one.ToString();
  }
}

TEST(IoTypesTest, SeveralWordsAreOneForEach) {
  const IoTypes list({TensorType_FLOAT32, TensorType_INT32, TensorType_UINT8, TensorType_BOOL});
  EXPECT_FALSE(list.one_for_all());
  EXPECT_EQ(list.ToString(), "float32,int32,uint8,bool");
  EXPECT_EQ(*IoTypes::Parse("float32,int32,uint8,bool"), list);
  EXPECT_EQ(*IoTypes::Parse(" float32, int32,uint8 ,bool"), list);
}

TEST(IoTypesTest, OneWordThatIsNoChoice) {
  for (const char* word : {"int4", "int32", "float16", "bool", "float", ""}) {
    EXPECT_EQ(ErrorOf(word),
              "'" + std::string(word) + "' is not one of float32, uint8, int8, int16");
  }
}

TEST(IoTypesTest, AWordOfSeveralThatIsNoType) {
  EXPECT_EQ(ErrorOf("uint8,float"),
            "'float' is not one of float32, uint8, int8, int16, nor the type of an input or output "
            "that is not float32 (int32, bool, ...)");
  EXPECT_EQ(ErrorOf("uint8,,int8").substr(0, 17), "'' is not one of ");
  EXPECT_EQ(ErrorOf("uint8,").substr(0, 17), "'' is not one of ");
}

}  // namespace
}  // namespace q_implant
