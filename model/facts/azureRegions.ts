/**
 * The regions of Azure's public cloud where a resource group can be made, by the short name that Azure's API takes, as of
 * 2026-11. A new one is added here.
 * Source: Azure Resource Manager (`az account list-locations`; LocationNotAvailableForResourceGroup lists them, too).
 */
export const publicRegions: readonly string[] = [
  ...["australiacentral", "australiacentral2", "australiaeast", "australiasoutheast", "austriaeast"],
  ...["belgiumcentral", "brazilsouth", "brazilsoutheast", "canadacentral", "canadaeast", "centralindia", "centralus"],
  ...["chilecentral", "denmarkeast", "eastasia", "eastus", "eastus2", "francecentral", "francesouth", "germanynorth"],
  ...["germanywestcentral", "indonesiacentral", "israelcentral", "italynorth", "japaneast", "japanwest"],
  ...["jioindiacentral", "jioindiawest", "koreacentral", "koreasouth", "malaysiawest", "mexicocentral"],
  ...["newzealandnorth", "northcentralus", "northeurope", "norwayeast", "norwaywest", "polandcentral", "qatarcentral"],
  ...["southafricanorth", "southafricawest", "southcentralus", "southeastasia", "southindia", "spaincentral"],
  ...["swedencentral", "swedensouth", "switzerlandnorth", "switzerlandwest", "uaecentral", "uaenorth", "uksouth"],
  ...["ukwest", "westcentralus", "westeurope", "westindia", "westus", "westus2", "westus3"],
];

/** Those of the clouds of governments and of China (ARM_ENVIRONMENT). Source: Azure Government and Azure China, "Regions". */
const sovereignRegions: readonly string[] = [
  ...["chinaeast", "chinaeast2", "chinaeast3", "chinanorth", "chinanorth2", "chinanorth3"],
  ...["usdodcentral", "usdodeast", "usgovarizona", "usgovtexas", "usgovvirginia"],
];

/** Every region that a stack may name. */
export const regions: readonly string[] = [...publicRegions, ...sovereignRegions];
