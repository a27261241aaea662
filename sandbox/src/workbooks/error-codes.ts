/** Connect publishes only USG_011 "Unknown MPN". All other codes are invented for the sandbox. */
export const rowErrorCodes = {
  missingValue: 'USG_001',
  errorCell: 'USG_005',
  duplicateRecordId: 'USG_002',
  unknownItemCriteria: 'USG_003',
  unknownAssetCriteria: 'USG_004',
  unknownItem: 'USG_011',
  incompleteDynamicItem: 'USG_012',
  unknownAsset: 'USG_013',
  itemTakesNoUsage: 'USG_014',
  notANumber: 'USG_020',
  negativeNumber: 'USG_021',
  tooManyDecimals: 'USG_022',
  numberTooLarge: 'USG_023',
  badTier: 'USG_024',
  badTime: 'USG_030',
  endBeforeStart: 'USG_031',
  outsidePeriod: 'USG_032',
  unknownCategory: 'USG_040',
  customValueTooLong: 'USG_050',
  customValueMissing: 'USG_051'
} as const
